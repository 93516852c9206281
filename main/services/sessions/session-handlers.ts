import { lstatSync } from 'node:fs';
import type { SessionId, WorkspaceId } from '../../../contract/ids.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Session, SessionNotice } from '../../../contract/sessions.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { createDeletedTimelines } from './deleted-timelines.ts';
import { listCursor, placeOf } from './list-cursor.ts';
import type { OpenTimelines } from './open-timelines.ts';
import type { OwnStores } from './own/own-stores.ts';
import type { LiveSessions, OwnStoreChoice, SessionWorkspaces } from './ports.ts';
import type { SessionFilter, SessionStore } from './session-store.ts';
import type { SetAside } from './set-aside.ts';
import { readAfter, readBefore, type PageAsk, type TimelinePage } from './timeline-page.ts';

export interface SessionHandlersDeps {
  readonly store: SessionStore;
  readonly own: OwnStores;
  readonly deleted: ReturnType<typeof createDeletedTimelines>;
  readonly aside: SetAside;
  readonly audit: Auditor;
  readonly workspaces: SessionWorkspaces;
  readonly live: LiveSessions;
  readonly ownStores: OwnStoreChoice;
  readonly timelines: OpenTimelines;
  readonly clock: Clock;
  fileOf(id: SessionId): string;
  save(session: Session): Session;
  saveDeleted(session: Session): Session;
  purge(): void;
  now(): string;
}

/** What clients may ask of sessions: ours and, where that is switched on, the agents' own. */
export function createSessionHandlers(deps: SessionHandlersDeps): HandlersOf<'sessions'> {
  const { store, own, deleted, aside, audit, live, ownStores, fileOf, save, now } = deps;

  async function known(id: SessionId): Promise<Session> {
    const session = store.get(id) ?? (await own.find(id))?.session ?? null;
    if (!session || session.state === 'deleted') throw noSession(id);
    return session;
  }

  /** @throws HostError `conflict` when no agent holds it open */
  function open(id: SessionId): Session {
    const session = store.get(id);
    if (!session || session.state === 'deleted') throw noSession(id);
    if (session.state !== 'open') throw notLive(id);
    return session;
  }

  async function list(filter: SessionFilter): Promise<{ sessions: Session[]; notices: SessionNotice[] }> {
    const ours = store.list(filter);
    if (filter.origin === 'task' || (filter.state !== undefined && filter.state !== 'ended'))
      return { sessions: ours, notices: [] };
    const found = await own.all();
    const ids = store.agentSessionIds();
    const theirs = found.sessions.filter(
      (session) =>
        !ids.has(session.agentSessionId) && fits(session, filter) && store.get(session.id) === null,
    );
    const sessions = [...ours, ...theirs].sort(newestFirst).slice(0, filter.limit);
    return { sessions, notices: found.notices };
  }

  /** Of our own store when it is there; of an agent's own session from its file. */
  async function page(session: Session, ask: PageAsk): Promise<TimelinePage & { epoch: string }> {
    if (store.get(session.id) === null) return own.page(session.id, ask);
    const file = fileOf(session.id);
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found && !found.isFile()) {
      aside.move(file, `${session.id}.jsonl`);
      throw new HostError('not_found', `the timeline of "${session.id}" was damaged and is set aside`);
    }
    const read =
      ask.from === 'after' ? readAfter(file, ask.seq, ask.limit) : readBefore(file, ask.seq, ask.limit);
    return { ...read, epoch: session.epoch };
  }

  return {
    'sessions.list': async ({ workspace, cursor, limit, ...filter }) => {
      const workspaceId: WorkspaceId | undefined =
        workspace === undefined ? undefined : deps.workspaces.resolve(workspace).id;
      const before = cursor === undefined ? undefined : placeOf(cursor);
      const found = await list({ ...filter, workspaceId, before, limit: limit + 1 });
      const sessions = found.sessions.slice(0, limit);
      const last = sessions.at(-1);
      return {
        sessions,
        next: found.sessions.length > limit && last ? listCursor(last) : null,
        notices: [...aside.notices(), ...found.notices],
      };
    },

    'sessions.discover': async () => {
      const { stores, notices } = await own.look();
      return { stores, notices: [...aside.notices(), ...notices] };
    },

    'sessions.readOwn': async ({ stores }) => {
      ownStores.set([...new Set(stores)]);
      return { stores: (await own.look()).stores };
    },

    // A deleted one too: whoever deleted it can still see what can be restored.
    'sessions.get': ({ sessionId }) => store.get(sessionId) ?? known(sessionId),

    'sessions.timeline': async ({ sessionId, epoch, afterSeq, beforeSeq, newest, limit }) => {
      const session = await known(sessionId);
      const current = store.get(sessionId) ? session.epoch : await own.epochOf(sessionId);
      const reset = epoch !== undefined && epoch !== current;
      const backwards = newest === true || beforeSeq !== undefined;
      const ask: PageAsk = backwards
        ? { from: 'before', seq: reset ? null : (beforeSeq ?? null), limit }
        : { from: 'after', seq: reset ? -1 : (afterSeq ?? -1), limit };
      return { session, reset, ...(await page(session, ask)) };
    },

    'sessions.delete': async ({ sessionId }, caller) => {
      const session = await known(sessionId);
      const inUse = () => store.get(sessionId)?.state === 'open';
      const refuse = () => {
        const said = 'the session is open; cancel its task first';
        throw new HostError('conflict', said, { taskId: session.taskId });
      };
      if (inUse()) refuse();
      await audit.append({ actor: caller.principal, type: 'session.deleted', object: sessionId });
      const moveTheirs = session.origin === 'agent' ? await own.prepareTake(sessionId) : () => {};
      if (inUse()) refuse();
      deps.purge();
      // The list first: should the host die in between, a file that still lies there is not shown.
      const gone = deps.saveDeleted({ ...session, state: 'deleted', deletedAt: now() });
      moveTheirs();
      deleted.take(fileOf(sessionId), sessionId, deps.clock.now());
      return gone;
    },

    'sessions.restore': async ({ sessionId }, caller) => {
      const session = store.get(sessionId);
      if (!session) throw noSession(sessionId);
      if (session.state !== 'deleted')
        throw new HostError('conflict', `session "${sessionId}" is not deleted`);
      await audit.append({ actor: caller.principal, type: 'session.restored', object: sessionId });
      if (session.origin === 'agent') own.giveBack(sessionId);
      deleted.giveBack(fileOf(sessionId), sessionId);
      const restored: Session = { ...session, state: 'ended', deletedAt: null };
      if (session.origin !== 'agent' || session.taskId !== null) return save(restored);
      // One that never had a timeline of ours is the agent's alone again.
      store.remove(sessionId);
      return restored;
    },

    'sessions.setMode': async ({ sessionId, modeId }) => {
      const { modes } = open(sessionId);
      const offered = modes?.available.map(({ id }) => id) ?? [];
      if (!offered.includes(modeId)) throw notOffered('mode', modeId, offered);
      if (!(await live.setMode(sessionId, modeId))) throw notLive(sessionId);
      const after = open(sessionId);
      return after.modes === null ? after : save({ ...after, modes: { ...after.modes, current: modeId } });
    },

    'sessions.setOption': async ({ sessionId, optionId, value }) => {
      const { options } = open(sessionId);
      const option = options.find(({ id }) => id === optionId);
      if (!option)
        throw notOffered(
          'option',
          optionId,
          options.map(({ id }) => id),
        );
      if (option.type === 'boolean' && typeof value !== 'boolean')
        throw notOffered('value', value, ['true', 'false']);
      const choices = option.type === 'select' ? option.choices.map(({ id }) => id) : [];
      if (option.type === 'select' && !(typeof value === 'string' && choices.includes(value)))
        throw notOffered('value', String(value), choices);
      // The agent answers with all its options as they are now, and that is what is kept.
      if (!(await live.setOption(sessionId, optionId, value))) throw notLive(sessionId);
      return open(sessionId);
    },

    'sessions.cancel': async ({ sessionId }) => {
      open(sessionId);
      if (!(await live.cancel(sessionId))) throw notLive(sessionId);
      return known(sessionId);
    },

    'sessions.close': async ({ sessionId }) => {
      open(sessionId);
      if (!(await live.close(sessionId))) throw notLive(sessionId);
      return known(sessionId);
    },
  };
}

function fits(session: Session, filter: SessionFilter): boolean {
  if (filter.agent !== undefined && session.agent !== filter.agent) return false;
  if (filter.workspaceId !== undefined && session.workspaceId !== filter.workspaceId) return false;
  return !filter.before || newestFirst(filter.before, session) < 0;
}

function newestFirst(a: { createdAt: string; id: string }, b: { createdAt: string; id: string }): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

function notOffered(what: string, asked: string, offered: readonly string[]): HostError {
  const list = offered.slice(0, 20).join(', ');
  return new HostError(
    'invalid_input',
    `the agent offers no ${what} "${asked}"; it offers: ${list === '' ? 'none' : list}`,
  );
}

function notLive(id: string): HostError {
  return new HostError('conflict', `no agent holds session "${id}" open now; go on with it in a new task`);
}

export function noSession(id: string): HostError {
  return new HostError('not_found', `there is no session "${id}"`);
}
