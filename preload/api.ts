import type { CallResult, HostClient } from '../contract/client.ts';
import { commandNames } from '../contract/command-names.ts';
import type { CommandName, InputOf } from '../contract/commands.ts';
import type { Reply } from '../contract/errors.ts';
import { createMessageClient } from '../contract/message-client.ts';
import type { ClientMessage, HostMessage } from '../contract/wire.ts';

/** The three things the preload may do with the main process; nothing else of IPC gets through here. */
export interface Bridge {
  /** One command by name; rejects only when the main process did not take the call. */
  invoke(name: string, input: unknown): Promise<Reply>;
  send(message: ClientMessage): void;
  onMessage(listener: (message: HostMessage) => void): void;
}

type ServiceOf<N extends string> = N extends `${infer Service}.${string}` ? Service : never;
type VerbOf<N extends string, Service extends string> = N extends `${Service}.${infer Verb}` ? Verb : never;

type Commands = {
  readonly [Service in ServiceOf<CommandName>]: {
    readonly [Verb in VerbOf<CommandName, Service>]: <N extends CommandName & `${Service}.${Verb}`>(
      input: InputOf<N>,
    ) => Promise<CallResult<N>>;
  };
};

/** `window.signalbox`: one function for each row of the command table, the state stream, and byte streams. */
export type SignalboxApi = Commands & Pick<HostClient, 'subscribe' | 'follow'>;

/**
 * Builds the whole of what a page can reach: frozen, from the names alone, so that no schema is loaded here.
 * A call never rejects: what the main process did not take is answered `unavailable`.
 */
export function buildApi(bridge: Bridge): SignalboxApi {
  const client = createMessageClient({
    send(message) {
      if (message.type === 'call') void answer(message.id, message.name, message.input);
      else bridge.send(message);
    },
    // The main process is at the other end of the same machine's pipe: a call is never sent twice.
    newCommandId: () => '',
  });
  bridge.onMessage((message) => client.receive(message));

  async function answer(id: number, name: string, input: unknown): Promise<void> {
    client.receive({ type: 'reply', id, reply: await bridge.invoke(name, input).catch(notTaken) });
  }

  const api: Record<string, Record<string, unknown>> = {};
  for (const name of Object.keys(commandNames) as CommandName[]) {
    const [service = '', verb = ''] = name.split('.');
    (api[service] ??= {})[verb] = (input: InputOf<typeof name>) => client.call(name, input);
  }
  for (const service of Object.values(api)) Object.freeze(service);
  return Object.freeze({
    ...api,
    subscribe: client.subscribe,
    follow: client.follow,
  }) as unknown as SignalboxApi;
}

// The text of an IPC failure names files of the main process: it stays out of the page.
function notTaken(): Reply {
  return { ok: false, error: { code: 'unavailable', message: 'the host did not take the call' } };
}
