import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallResult, HostClient } from '../../contract/client.ts';
import type { CommandName, InputOf } from '../../contract/commands.ts';
import type { WireError } from '../../contract/errors.ts';

/** What became of something that the user asked for. `unknown`: the connection went while it was on its way. */
export interface Notice {
  readonly id: number;
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly text: string;
  readonly detail: string;
}

export interface ActionsView {
  /** Keys of what was sent and not answered yet. Lives beside the mirror, never in it. */
  readonly pending: ReadonlySet<string>;
  readonly notices: readonly Notice[];
}

export interface Actions {
  readonly store: StoreApi<ActionsView>;
  /**
   * Sends one command. The same key is not sent again while it is on its way (the answer is then null).
   * @param done what to say when it is done; empty when the screen itself shows it
   */
  run<N extends CommandName>(
    key: string,
    name: N,
    input: InputOf<N>,
    said: { what: string; done?: string },
  ): Promise<CallResult<N> | null>;
  dismiss(id: number): void;
  say(outcome: Notice['outcome'], text: string, detail?: string): void;
}

const MOST_NOTICES = 4;

export function createActions(client: HostClient): Actions {
  const store = createStore<ActionsView>(() => ({ pending: new Set(), notices: [] }));
  let nextId = 0;

  function say(outcome: Notice['outcome'], text: string, detail = ''): void {
    const notice = { id: nextId++, outcome, text, detail };
    store.setState(({ notices }) => ({ notices: [...notices, notice].slice(-MOST_NOTICES) }));
  }

  function mark(key: string, isPending: boolean): void {
    const pending = new Set(store.getState().pending);
    if (isPending) pending.add(key);
    else pending.delete(key);
    store.setState({ pending });
  }

  return {
    store,
    say,
    dismiss: (id) =>
      store.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
    async run(key, name, input, { what, done = '' }) {
      if (store.getState().pending.has(key)) return null;
      mark(key, true);
      // Whoever tries again has read why it was refused; what is unknown stays.
      store.setState(({ notices }) => ({
        notices: notices.filter((notice) => notice.text !== what || notice.outcome !== 'failed'),
      }));
      const result = await client.call(name, input);
      mark(key, false);
      if (!result.ok) say(outcomeOf(result.error), what, result.error.message);
      else if (done !== '') say('done', done);
      return result;
    },
  };
}

/** Only a connection that was lost leaves open whether the host acted; every other error is an answer. */
function outcomeOf(error: WireError): Notice['outcome'] {
  return error.code === 'unavailable' && error.message.includes('lost') ? 'unknown' : 'failed';
}
