import { isFields, type Fields } from './message.ts';
import type { Pending } from './requests.ts';

/** A session as it has to be opened again. */
export interface OpenSession {
  readonly id: string;
  /** Of `session/load` or `session/resume`, its id among them. */
  readonly params: Fields;
  /** The requests that set its mode and options since, by what they set; the newest of each. */
  readonly settings: Map<string, { method: string; params: Fields }>;
}

/** What was agreed on a connection, so that another one can take its place. */
export interface Conversation {
  /** Takes note of a request that was answered with a result. */
  settled(pending: Pending, result: unknown): void;
  readonly initialize: Fields | null;
  readonly authenticate: Fields | null;
  readonly sessions: ReadonlyMap<string, OpenSession>;
  forget(session: string): void;
  /** How a session is opened again: quietly, with its history told once more, or not at all. */
  way(): 'session/resume' | 'session/load' | null;
  /** Revision 2 has no end of a turn that could be told for an agent that is gone: its connections are not renewed. */
  canBeRenewed(): boolean;
  protocolVersion(): number | null;
}

const OPENED = ['session/new', 'session/load', 'session/resume', 'session/fork'];
const CLOSED = ['session/close', 'session/delete'];
const MAX_SESSIONS = 256;

export function createConversation(): Conversation {
  const sessions = new Map<string, OpenSession>();
  let initialize: Fields | null = null;
  let authenticate: Fields | null = null;
  let answer: Fields = {};

  const version = () => (typeof answer['protocolVersion'] === 'number' ? answer['protocolVersion'] : null);

  function opened(pending: Pending, result: Fields): void {
    // Loading answers for the session that was named; new and fork name another.
    const told = result['sessionId'];
    const id = typeof told === 'string' ? told : pending.session;
    if (id === null || (sessions.size >= MAX_SESSIONS && !sessions.has(id))) return;
    sessions.set(id, { id, params: { ...pending.params, sessionId: id }, settings: new Map() });
  }

  function set({ method, params, session }: Pending): void {
    const settings = sessions.get(session ?? '')?.settings;
    if (method === 'session/set_config_option')
      settings?.set(`option ${String(params['configId'])}`, { method, params });
    else settings?.set(method, { method, params });
  }

  return {
    settled(pending, result) {
      const { method, params, session } = pending;
      const fields = isFields(result) ? result : {};
      if (method === 'initialize') [initialize, answer] = [params, fields];
      else if (method === 'authenticate') authenticate = params;
      else if (method === 'logout') authenticate = null;
      else if (OPENED.includes(method)) opened(pending, fields);
      else if (CLOSED.includes(method)) sessions.delete(session ?? '');
      else if (method.startsWith('session/set_')) set(pending);
    },
    get initialize() {
      return initialize;
    },
    get authenticate() {
      return authenticate;
    },
    sessions,
    forget: (session) => void sessions.delete(session),
    way() {
      const capabilities = isFields(answer['agentCapabilities']) ? answer['agentCapabilities'] : {};
      const ofSessions = isFields(capabilities['sessionCapabilities'])
        ? capabilities['sessionCapabilities']
        : {};
      if (isFields(ofSessions['resume'])) return 'session/resume';
      return capabilities['loadSession'] === true ? 'session/load' : null;
    },
    canBeRenewed: () => initialize !== null && version() === 1,
    protocolVersion: version,
  };
}
