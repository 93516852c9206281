import type { SessionId } from '../../../contract/ids.ts';
import type { TaskOutput } from '../../../contract/tasks.ts';
import type { NewTimelineEntry, SessionBook } from './ports.ts';

const MAX_WAITING = 1000;
const MAX_SUMMARY = 4096;
/** What one task may write to its timeline; what comes after is counted. Questions, writes and states always are kept. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 50_000;

export interface SessionLog {
  append(entry: NewTimelineEntry): void;
  /** From here on there is a timeline; what came before is written first. */
  attach(sessionId: SessionId): void;
  readonly sessionId: SessionId | null;
  /** The last thing the agent said. */
  summary(): string;
  output(): TaskOutput;
  flush(): void;
  end(): void;
}

/** What an agent says before its session is on record waits here. */
export function createSessionLog(book: SessionBook, maxTextBytes: number = MAX_TEXT_BYTES): SessionLog {
  const waiting: NewTimelineEntry[] = [];
  const calls = new Set<string>();
  let sessionId: SessionId | null = null;
  let said = '';
  let saidEnded = false;
  let bytes = 0;
  let dropped = 0;
  let entries = 0;

  function write(entry: NewTimelineEntry): void {
    if (sessionId !== null) book.append(sessionId, entry);
    else if (waiting.length < MAX_WAITING) waiting.push(entry);
  }

  /** False for what is over the cap of a task. */
  function admit(entry: NewTimelineEntry): boolean {
    const size = sizeOf(entry);
    if (size === null) return true;
    bytes += size;
    entries += 1;
    if (bytes - dropped <= maxTextBytes && entries <= MAX_ENTRIES) return true;
    if (dropped === 0)
      write({ kind: 'state', state: 'capped', detail: 'the agent says more than is kept for one task' });
    dropped += size;
    return false;
  }

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
        if (calls.size < MAX_ENTRIES) calls.add(entry.toolCallId);
      }
      if (admit(entry)) write(entry);
    },
    attach(id) {
      sessionId = id;
      for (const entry of waiting.splice(0)) book.append(id, entry);
    },
    summary: () => said.trim(),
    output: () => ({ bytes, toolCalls: calls.size, droppedBytes: dropped }),
    flush() {
      if (sessionId !== null) book.flush(sessionId);
    },
    end() {
      if (sessionId !== null) book.end(sessionId);
    },
  };
}

/** Bytes of what the agent alone decides to say; null for what the host has to keep. */
function sizeOf(entry: NewTimelineEntry): number | null {
  switch (entry.kind) {
    case 'message':
    case 'thought':
      return Buffer.byteLength(entry.text);
    case 'tool':
      return Buffer.byteLength(entry.output) + Buffer.byteLength(entry.title);
    case 'plan':
      return entry.entries.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    default:
      return null;
  }
}
