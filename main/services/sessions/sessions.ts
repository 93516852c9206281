import { join } from 'node:path';
import { SessionId, type TaskId, type WorkspaceId } from '../../../contract/ids.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Session } from '../../../contract/sessions.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { ByteStreams } from '../../kernel/byte-streams.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type Log, type RandomSource } from '../../kernel/ports.ts';
import { createDeletedTimelines } from './deleted-timelines.ts';
import { createLiveTimeline, type LiveTimeline, type NewTimelineEntry } from './live-timeline.ts';
import { createSessionStore } from './session-store.ts';
import { appendLine, readEntries, setTornLineAside } from './timeline-file.ts';

const SHOWN_AT_START = 100;

export interface SessionsDeps {
  db: Database;
  publish: (event: HostEvent) => void;
  clock: Clock;
  random: RandomSource;
  streams: Pick<ByteStreams, 'locate' | 'grown'>;
  /** An existing folder of mode 0700. */
  timelinesDir: string;
  audit: Auditor;
  log: Log;
  /** The outbound gate: what is written has passed it. */
  sanitize: (text: string) => string;
}

export interface NewSession {
  agent: string;
  agentSessionId: string;
  workspaceId: WorkspaceId;
  taskId: TaskId;
  title: string;
}

export interface Sessions {
  readonly handlers: HandlersOf<'sessions'>;
  /** Sessions that a crash left open are ended, and torn lines are set aside. */
  start(): void;
  /** Writes what is held back and ends what is open. */
  stop(): void;
  open(session: NewSession): Promise<Session>;
  /** Chunks of a message may be given as they come. A session that has ended takes nothing more. */
  append(sessionId: SessionId, entry: NewTimelineEntry): void;
  /** Writes the text that is held back: at the end of a turn. */
  flush(sessionId: SessionId): void;
  end(sessionId: SessionId): void;
}

/** Conversations with agents. The list is in the database, each timeline in a file of its own, one entry a line. */
export function createSessions(deps: SessionsDeps): Sessions {
  const { publish, clock, random, streams, timelinesDir, audit, log, sanitize } = deps;
  const store = createSessionStore(deps.db);
  const deleted = createDeletedTimelines(timelinesDir);
  const live = new Map<SessionId, LiveTimeline>();

  const fileOf = (id: SessionId) => join(timelinesDir, `${id}.jsonl`);

  function save(session: Session): Session {
    store.put(session);
    publish({ type: 'session.changed', session });
    return session;
  }

  function known(id: SessionId): Session {
    const session = store.get(id);
    if (!session || session.state === 'deleted')
      throw new HostError('not_found', `there is no session "${id}"`);
    return session;
  }

  function end(id: SessionId): void {
    live.get(id)?.flush();
    live.delete(id);
    const session = store.get(id);
    if (session?.state !== 'open') return;
    save({ ...session, state: 'ended', lastActiveAt: instant(clock.now()) });
  }

  const handlers: HandlersOf<'sessions'> = {
    'sessions.list': ({ agent, limit }) => ({ sessions: store.list({ agent, limit }) }),

    'sessions.timeline': async ({ sessionId, afterSeq, limit }) => {
      const session = known(sessionId);
      return { session, ...(await readEntries(fileOf(sessionId), afterSeq, limit)) };
    },

    'sessions.delete': async ({ sessionId }, caller) => {
      const session = known(sessionId);
      if (session.state === 'open') {
        throw new HostError('conflict', 'the session is open; cancel its task first', {
          taskId: session.taskId,
        });
      }
      await audit.append({ actor: caller.principal, type: 'session.deleted', object: sessionId });
      deleted.take(fileOf(sessionId), `${sessionId}.jsonl`, clock.now());
      deleted.purge(clock.now());
      save({ ...session, state: 'deleted' });
      return {};
    },
  };

  streams.locate('timeline', (source) => {
    if (source.kind !== 'timeline') return null;
    const session = store.get(source.sessionId);
    return session && session.state !== 'deleted' ? fileOf(session.id) : null;
  });

  return {
    handlers,
    end,
    start() {
      deleted.purge(clock.now());
      for (const session of store.open()) {
        setTornLineAside(fileOf(session.id));
        store.put({ ...session, state: 'ended' });
      }
      const newest = store.list({ agent: undefined, limit: SHOWN_AT_START });
      for (const session of newest.reverse()) publish({ type: 'session.changed', session });
    },
    stop() {
      for (const id of [...live.keys()]) end(id);
    },
    async open({ agent, agentSessionId, workspaceId, taskId, title }) {
      const id = SessionId.parse(random.id());
      await audit.append({
        actor: `task:${taskId}`,
        type: 'session.opened',
        object: id,
        facts: { agent, workspaceId },
      });
      const file = fileOf(id);
      const write = (entry: Parameters<typeof appendLine>[1]) => {
        try {
          const bytes = appendLine(file, entry);
          streams.grown(file);
          return bytes;
        } catch (error) {
          // A full disk must not end the work that the timeline is about.
          log.error({ sessionId: id, error: String(error) }, 'a timeline entry could not be written');
          return 0;
        }
      };
      live.set(id, createLiveTimeline({ clock, sanitize, write }));
      const now = instant(clock.now());
      return save({
        id,
        agentSessionId: agentSessionId.slice(0, 256),
        agent,
        workspaceId,
        taskId,
        title: sanitize(title).slice(0, 256),
        state: 'open',
        createdAt: now,
        lastActiveAt: now,
      });
    },
    append: (id, entry) => live.get(id)?.append(entry),
    flush: (id) => live.get(id)?.flush(),
  };
}
