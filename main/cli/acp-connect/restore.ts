import { Failure } from '../failure.ts';
import { isFields, type Fields, type Message } from './message.ts';
import type { Conversation, OpenSession } from './conversation.ts';

const HELLO_MS = 60_000;
const SESSION_MS = 120_000;
const SETTING_MS = 30_000;

export interface RestoreDeps {
  /** A request of this program itself. @throws Failure when there is no answer in time, or the connection ends */
  readonly ask: (method: string, params: Fields, timeoutMs: number) => Promise<Message>;
  readonly conversation: Conversation;
  /** The history of this session is about to be told again, to an editor that knows it. */
  readonly hush: (session: string) => void;
  /** The session could not be opened again. */
  readonly gone: (session: string) => void;
  readonly note: (text: string) => void;
}

/**
 * Brings a new agent to where the old one was: the same initialize, the same login, the sessions that were open with
 * the modes and options that were set. A session that cannot come back entirely is given up, for an agent in another
 * mode might do what nobody allowed it.
 * @throws Failure when there is no going on
 */
export async function restore({ ask, conversation, hush, gone, note }: RestoreDeps): Promise<void> {
  const before = conversation.protocolVersion();
  const hello = await ask('initialize', conversation.initialize ?? {}, HELLO_MS);
  const version = isFields(hello.result) ? hello.result['protocolVersion'] : undefined;
  if (version !== before)
    throw new Failure(
      'conflict',
      `the agent came back with revision ${String(version)} of ACP, not ${String(before)}`,
    );
  if (conversation.authenticate) {
    const login = await ask('authenticate', conversation.authenticate, HELLO_MS);
    if (login.error !== undefined)
      throw new Failure('not_permitted', 'the agent did not take the login again');
  }
  for (const session of [...conversation.sessions.values()]) {
    if (await reopen(session)) continue;
    conversation.forget(session.id);
    gone(session.id);
    note(`session ${session.id} could not be opened again`);
  }

  async function reopen({ id, params, settings }: OpenSession): Promise<boolean> {
    const way = conversation.way();
    if (way === null) return false;
    if (way === 'session/load') hush(id);
    const opened = await ask(way, params, SESSION_MS);
    if (opened.error !== undefined) return false;
    for (const setting of settings.values()) {
      const set = await ask(setting.method, setting.params, SETTING_MS);
      if (set.error !== undefined) return false;
    }
    return true;
  }
}
