import type { SessionId } from '../../../contract/ids.ts';
import type { NewTimelineEntry, SessionBook } from './ports.ts';

const MAX_WAITING = 1000;
const MAX_SUMMARY = 4096;

export interface SessionLog {
  append(entry: NewTimelineEntry): void;
  /** From here on there is a timeline; what came before is written first. */
  attach(sessionId: SessionId): void;
  readonly sessionId: SessionId | null;
  /** The last thing the agent said. */
  summary(): string;
  flush(): void;
  end(): void;
}

/** What an agent says before its session is on record waits here. */
export function createSessionLog(book: SessionBook): SessionLog {
  const waiting: NewTimelineEntry[] = [];
  let sessionId: SessionId | null = null;
  let said = '';
  let saidEnded = false;
  return {
    get sessionId() {
      return sessionId;
    },
    append(entry) {
      if (entry.kind === 'message') {
        said = `${saidEnded ? '' : said}${entry.text}`.slice(-MAX_SUMMARY);
        saidEnded = false;
      } else if (entry.kind === 'tool') {
        saidEnded = true;
      }
      if (sessionId !== null) book.append(sessionId, entry);
      else if (waiting.length < MAX_WAITING) waiting.push(entry);
    },
    attach(id) {
      sessionId = id;
      for (const entry of waiting.splice(0)) book.append(id, entry);
    },
    summary: () => said.trim(),
    flush() {
      if (sessionId !== null) book.flush(sessionId);
    },
    end() {
      if (sessionId !== null) book.end(sessionId);
    },
  };
}
