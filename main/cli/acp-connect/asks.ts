import type { Clock } from '../../kernel/ports.ts';
import { Failure } from '../failure.ts';
import type { RemoteLink } from './link.ts';
import { frameOf, idKey, type Fields, type Message } from './message.ts';

/** Requests of this program itself, told apart from the editor's by their ids. */
export interface Asks {
  /** @throws Failure when there is no answer in time, or the connection ends before */
  ask(link: RemoteLink | null, method: string, params: Fields, timeoutMs: number): Promise<Message>;
  /** Whether this answer was to one of them. */
  settle(answer: Message): boolean;
  fail(failure: Failure): void;
}

export function createAsks(clock: Clock, name: string): Asks {
  const open = new Map<string, { take: (message: Message) => void; fail: (failure: Failure) => void }>();
  let asked = 0;
  return {
    async ask(link, method, params, timeoutMs) {
      if (!link) throw new Failure('unavailable', `the connection to ${name} was lost again`);
      asked += 1;
      const message = { id: `signalbox-restore-${asked}`, method, params };
      const key = idKey(message.id);
      const answer = new Promise<Message>((take, fail) => open.set(key, { take, fail }));
      const stop = clock.after(timeoutMs, () => {
        const late = `${name} did not answer ${method} within ${timeoutMs / 1000} seconds`;
        open.get(key)?.fail(new Failure('timed_out', late));
      });
      link.send(frameOf({ jsonrpc: '2.0', ...message }), message);
      try {
        return await answer;
      } finally {
        stop();
        open.delete(key);
      }
    },
    settle(answer) {
      const found = open.get(idKey(answer.id ?? null));
      found?.take(answer);
      return found !== undefined;
    },
    fail(failure) {
      for (const { fail } of open.values()) fail(failure);
    },
  };
}
