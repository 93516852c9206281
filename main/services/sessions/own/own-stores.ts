import { realpathSync } from 'node:fs';
import { HostError } from '../../../../contract/errors.ts';
import type { SessionId } from '../../../../contract/ids.ts';
import { OwnStore, Session, type OwnStoreStatus, type SessionNotice } from '../../../../contract/sessions.ts';
import type { Workspace } from '../../../../contract/workspaces.ts';
import { instant, type Clock } from '../../../kernel/ports.ts';
import type { NewTimelineEntry } from '../live-timeline.ts';
import type { OwnStoreChoice, SessionWorkspaces } from '../ports.ts';
import type { PageAsk, TimelinePage } from '../timeline-page.ts';
import type { Backend, Looked } from './backend.ts';
import { claudeFormat } from './claude.ts';
import { codexFormat } from './codex.ts';
import { createFileBackend } from './file-backend.ts';
import type { Env } from './file-format.ts';
import { geminiFormat } from './gemini.ts';
import { folderInside, whereabouts } from './inside-workspace.ts';
import { createOpencodeBackend } from './opencode.ts';
import { isOwnId, sessionIdOf } from './own-session.ts';
import { copyOwn, pageOfOwn, type OwnSession } from './own-pages.ts';
import { createOwnTrash } from './own-trash.ts';

/** What was looked up is good for so long: the pages of one list need one look. */
const FRESH_MS = 2000;

export interface OwnStores {
  /** Sessions in workspaces, from the stores that are switched on. */
  all(): Promise<{ sessions: Session[]; notices: SessionNotice[] }>;
  find(id: SessionId): Promise<OwnSession | null>;
  /** Looks anew, and says what is there. */
  look(): Promise<{ stores: OwnStoreStatus[]; notices: SessionNotice[] }>;
  epochOf(id: SessionId): Promise<string>;
  page(id: SessionId, ask: PageAsk): Promise<TimelinePage & { epoch: string }>;
  /** Hands on all entries of a session, with their times. */
  copy(own: OwnSession, append: (entry: NewTimelineEntry, at?: number) => void): Promise<void>;
  /**
   * What moves the file of a session aside, once it is called; nothing for a session whose file is gone already.
   * @throws HostError `unavailable` when sessions of its store are no files
   */
  prepareTake(id: SessionId): Promise<() => void>;
  giveBack(id: SessionId): void;
  /** What was moved aside is removed for good. */
  removeTaken(id: SessionId): void;
  folderInside(workspace: Workspace, folder: string): string | null;
}

export interface OwnStoresDeps {
  readonly clock: Clock;
  readonly sanitize: (text: string) => string;
  readonly workspaces: SessionWorkspaces;
  readonly ownStores: OwnStoreChoice;
  readonly hostEnv: Env;
  /** A folder for what was deleted; it is made when it is needed. */
  readonly trash: string;
}

interface Look {
  readonly at: number;
  readonly on: string;
  readonly sessions: ReadonlyMap<SessionId, OwnSession>;
  readonly stores: OwnStoreStatus[];
  readonly notices: SessionNotice[];
}

/**
 * The conversations that agents keep themselves. Nothing is read before a person has switched a store on, nothing at
 * start-up, and nothing is shown of a session whose folder is in no workspace.
 */
export function createOwnStores(deps: OwnStoresDeps): OwnStores {
  const { clock, sanitize, workspaces, ownStores, hostEnv } = deps;
  const trash = createOwnTrash(deps.trash);
  const backends = new Map<OwnStore, Backend>(
    [
      ...[codexFormat, claudeFormat, geminiFormat].map((format) => createFileBackend(format, hostEnv)),
      createOpencodeBackend(hostEnv),
    ].map((backend) => [backend.store, backend]),
  );
  let latest: Look | null = null;
  let running: Promise<Look> | null = null;

  /** A change of workspaces or of the choice counts at once. */
  const key = () => JSON.stringify([ownStores.get(), workspaces.all().map(({ id, path }) => [id, path])]);

  async function lookAnew(): Promise<Look> {
    const on = key();
    const folders = workspaces.all();
    const sessions = new Map<SessionId, OwnSession>();
    const stores: OwnStoreStatus[] = [];
    const notices: SessionNotice[] = [];
    for (const store of OwnStore.options) {
      const backend = backends.get(store);
      if (!backend || !ownStores.get().includes(store)) {
        stores.push({ store, state: 'off', sessions: 0, leftOut: 0 });
        continue;
      }
      const looked = await backend.look();
      const shown = sessionsOf(backend, looked, folders);
      for (const one of shown) sessions.set(one.session.id, one);
      const leftOut = looked.hidden + looked.found.length - shown.length;
      stores.push({ store, state: looked.state, sessions: shown.length, leftOut });
      notices.push(...looked.notices);
    }
    latest = { at: clock.monotonic(), on, sessions, stores, notices };
    return latest;
  }

  function sessionsOf(backend: Backend, looked: Looked, folders: readonly Workspace[]): OwnSession[] {
    const places = new Map<string, ReturnType<typeof whereabouts>>();
    return looked.found.flatMap((found) => {
      const { cwd } = found.facts;
      if (!places.has(cwd)) places.set(cwd, whereabouts(cwd, folders));
      const place = places.get(cwd);
      const id = sessionIdOf(backend.store, found.facts.id);
      if (!place || id === null) return [];
      const session = Session.safeParse({
        id,
        origin: 'agent',
        agentSessionId: found.facts.id,
        agent: backend.store,
        workspaceId: place.workspace.id,
        folder: place.folder,
        taskId: null,
        title: sanitize(found.facts.title).slice(0, 256),
        state: 'ended',
        usage: found.facts.usage,
        createdAt: instant(found.facts.createdAt || found.lastActiveAt),
        lastActiveAt: instant(found.lastActiveAt),
      });
      const root = place.workspace.path;
      return session.success ? [{ session: session.data, root, found, backend }] : [];
    });
  }

  function lookOnce(): Promise<Look> {
    running ??= lookAnew().finally(() => {
      running = null;
    });
    return running;
  }

  async function recent(): Promise<Look> {
    if (latest && latest.on === key() && clock.monotonic() - latest.at < FRESH_MS) return latest;
    const looked = await lookOnce();
    return looked.on === key() ? looked : lookOnce();
  }

  async function find(id: SessionId): Promise<OwnSession | null> {
    if (!isOwnId(id) || ownStores.get().length === 0) return null;
    return (await recent()).sessions.get(id) ?? null;
  }

  async function known(id: SessionId): Promise<OwnSession> {
    const own = await find(id);
    if (!own) throw new HostError('not_found', `there is no session "${id}"`);
    return own;
  }

  return {
    find,
    folderInside,
    async all() {
      if (ownStores.get().length === 0) return { sessions: [], notices: [] };
      const { sessions, notices } = await recent();
      return { sessions: [...sessions.values()].map(({ session }) => session), notices };
    },
    async look() {
      const { stores, notices } = await lookOnce();
      return { stores, notices };
    },
    page: async (id, ask) => pageOfOwn(await known(id), ask, sanitize),
    async epochOf(id) {
      const { backend, found } = await known(id);
      return backend.epoch(found);
    },
    copy: (own, append) => copyOwn(own, append),
    async prepareTake(id) {
      const own = await find(id);
      if (!own) return () => {};
      const { file } = own.found;
      if (!file)
        throw new HostError(
          'unavailable',
          `${own.session.agent} keeps this session in its database; delete it there: opencode session delete ID`,
        );
      return () => {
        trash.take(id, own.backend.store, file);
        latest = null;
      };
    },
    giveBack(id) {
      if (trash.has(id)) trash.giveBack(id, rootOf);
      latest = null;
    },
    removeTaken: (id) => trash.remove(id),
  };

  function rootOf(store: OwnStore): string | null {
    const format = [codexFormat, claudeFormat, geminiFormat].find((one) => one.store === store);
    try {
      return format ? realpathSync(format.folder(hostEnv)) : null;
    } catch {
      return null;
    }
  }
}
