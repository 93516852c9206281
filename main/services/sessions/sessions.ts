import { join } from 'node:path';
import { SessionId, type TaskId, type WorkspaceId } from '../../../contract/ids.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { DELETED_KEPT_MS } from '../../../contract/session-retention.ts';
import { Session } from '../../../contract/sessions.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { ByteStreams } from '../../kernel/byte-streams.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type Log, type RandomSource } from '../../kernel/ports.ts';
import { withReport } from './agent-report.ts';
import { createDeletedTimelines } from './deleted-timelines.ts';
import type { NewTimelineEntry, TimelineGate } from './live-timeline.ts';
import { createOpenTimelines } from './open-timelines.ts';
import { createOwnStores } from './own/own-stores.ts';
import type { LiveSessions, OwnStoreChoice, SessionWorkspaces } from './ports.ts';
import { createSessionHandlers, noSession } from './session-handlers.ts';
import { createSessionStore } from './session-store.ts';
import { createSetAside } from './set-aside.ts';

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
  gate: TimelineGate;
  live: LiveSessions;
  workspaces: SessionWorkspaces;
  ownStores: OwnStoreChoice;
  /** Says where agents keep their own sessions. */
  hostEnv: Readonly<Record<string, string | undefined>>;
  /** What a timeline may grow to; 64 MiB when left out. */
  maxTimelineBytes?: number;
}

export interface NewSession {
  agent: string;
  agentSessionId: string;
  workspaceId: WorkspaceId;
  taskId: TaskId;
  title: string;
  /** Relative to the workspace; the workspace itself when left out. */
  folder?: string;
  /** Who submitted the task that opens it. */
  startedBy?: string;
  report?: AgentReport;
}

/** What is needed to go on with a session. */
export interface SessionRef {
  readonly session: Session;
  /** The absolute folder it works in, all links resolved, inside of its workspace. */
  readonly cwd: string;
}

export interface Sessions {
  readonly handlers: HandlersOf<'sessions'>;
  /** Sessions that a crash left open are ended, and torn lines are set aside. */
  start(): void;
  /** Writes what is held back and ends what is open. */
  stop(): void;
  open(session: NewSession): Promise<Session>;
  /**
   * A session that can be gone on with, ours or one of an agent's own: its id and its folder are judged anew.
   * @throws HostError `not_found`, `refused` when its folder is not in a workspace any more
   */
  sessionFor(sessionId: SessionId): Promise<SessionRef>;
  /**
   * Opens a session again for another task. One of an agent's own becomes one of this host: what it holds is copied
   * into a timeline of ours, so updates that the agent repeats while it loads it are to be left out.
   * @throws HostError `conflict` while it is open
   */
  reopen(sessionId: SessionId, by: { taskId: TaskId }): Promise<Session>;
  /** Modes, options and usage as the agent reports them. */
  report(sessionId: SessionId, report: AgentReport): void;
  /** Chunks of a message may be given as they come. A session that has ended takes nothing more. */
  append(sessionId: SessionId, entry: NewTimelineEntry): void;
  /** Writes the text that is held back: at the end of a turn. */
  flush(sessionId: SessionId): void;
  end(sessionId: SessionId): void;
}

/** Conversations with agents. The list is in the database, each timeline in a file of its own, one entry a line. */
export function createSessions(deps: SessionsDeps): Sessions {
  const { publish, clock, random, streams, timelinesDir, audit, workspaces } = deps;
  const aside = createSetAside(join(timelinesDir, 'corrupt'));
  const store = createSessionStore(deps.db, aside);
  const deleted = createDeletedTimelines(timelinesDir);
  const own = createOwnStores({
    ...deps,
    sanitize: deps.gate.sanitize,
    trash: join(timelinesDir, 'deleted', 'own'),
  });
  const fileOf = (id: SessionId) => join(timelinesDir, `${SessionId.parse(id)}.jsonl`);
  const timelines = createOpenTimelines({ ...deps, fileOf, aside, newEpoch: () => random.id() });
  const now = () => instant(clock.now());

  function save(session: Session): Session {
    const checked = Session.parse(session);
    store.put(checked);
    publish({ type: 'session.changed', session: checked });
    return checked;
  }

  /** Keeps it among the deleted ones, and takes it out of what every client holds. */
  function saveDeleted(session: Session): Session {
    const checked = Session.parse(session);
    store.put(checked);
    publish({ type: 'session.removed', sessionId: checked.id });
    return checked;
  }

  function end(id: SessionId): void {
    timelines.close(id);
    const session = store.get(id);
    if (session?.state === 'open') save({ ...session, state: 'ended', lastActiveAt: now() });
  }

  /** After a crash: what was written last may be torn, or lost, so numbers from before do not count any more. */
  function recover(session: Session): void {
    const { epoch } = timelines.recover(session.id, session.epoch);
    store.put({ ...session, state: 'ended', epoch: epoch === session.epoch ? random.id() : epoch });
  }

  function purge(): void {
    const before = instant(clock.now() - DELETED_KEPT_MS);
    for (const { id } of store.deletedBefore(before)) {
      deleted.remove(id);
      own.removeTaken(id);
      store.remove(id);
    }
    deleted.purge(clock.now());
  }

  async function sessionFor(id: SessionId): Promise<SessionRef> {
    const found = store.get(id) ?? (await own.find(id))?.session ?? null;
    if (!found || found.state === 'deleted') throw noSession(id);
    const workspace = workspaces.byId(found.workspaceId);
    const cwd = workspace && own.folderInside(workspace, found.folder);
    if (cwd === null)
      throw new HostError(
        'refused',
        `the folder of session "${id}" is not in a workspace of this host; add it with: signalbox workspace add`,
      );
    return { session: found, cwd };
  }

  const handlers = createSessionHandlers({
    ...{ store, own, deleted, aside, audit, workspaces, fileOf, save, saveDeleted, purge, now },
    ...{ live: deps.live, clock, ownStores: deps.ownStores, timelines },
  });

  streams.locate('timeline', (source) => {
    if (source.kind !== 'timeline') return null;
    const session = store.get(source.sessionId);
    return session && session.state !== 'deleted' ? fileOf(session.id) : null;
  });

  return {
    handlers,
    end,
    sessionFor,
    start() {
      purge();
      for (const session of store.open()) recover(session);
      for (const session of store.list({ limit: SHOWN_AT_START }).reverse())
        publish({ type: 'session.changed', session });
    },
    stop() {
      for (const id of timelines.ids()) end(id);
    },
    async open({ report = {}, title, agentSessionId, startedBy = null, ...facts }) {
      const id = SessionId.parse(random.id());
      await audit.append({
        actor: `task:${facts.taskId}`,
        type: 'session.opened',
        object: id,
        facts: { agent: facts.agent, workspaceId: facts.workspaceId },
      });
      const { epoch } = timelines.open(id, random.id());
      const session = Session.parse({
        ...facts,
        id,
        epoch,
        startedBy,
        agentSessionId: agentSessionId.slice(0, 256),
        title: deps.gate.sanitize(title).slice(0, 256),
        state: 'open',
        createdAt: now(),
        lastActiveAt: now(),
      });
      return save(withReport(session, report, deps.gate.sanitize));
    },
    async reopen(id, { taskId }) {
      const { session } = await sessionFor(id);
      const adopted = store.get(id) === null ? await own.find(id) : null;
      await audit.append({ actor: `task:${taskId}`, type: 'session.reopened', object: id });
      // Nothing may come in between from here on: of two tasks that want the same session one gets it.
      const current = store.get(id) ?? session;
      if (current.state === 'open')
        throw new HostError('conflict', `session "${id}" is in use`, { taskId: current.taskId });
      const { epoch } = timelines.open(id, adopted ? random.id() : current.epoch);
      const opened = save({ ...current, taskId, epoch, state: 'open', lastActiveAt: now() });
      if (adopted) await own.copy(adopted, (entry, at) => timelines.append(id, entry, at));
      return opened;
    },
    report(id, report) {
      const session = store.get(id);
      if (session?.state === 'open') save(withReport(session, report, deps.gate.sanitize));
    },
    append: (id, entry) => timelines.append(id, entry),
    flush: timelines.flush,
  };
}
