import { toBase64Url, type Random } from './channel/bytes.ts';
import type { CallResult } from './client.ts';
import type { CommandName } from './commands.ts';
import type { LiveConnection } from './live-connection.ts';
import { unavailable } from './reads.ts';
import type { OutboxEntry, RecordKeeper } from './reliable-record.ts';

/** Commands that may wait for an answer at once. */
export const OUTBOX_LIMIT = 64;

/**
 * - `queued`    on this device's own disk; the host has not seen it
 * - `sent`      handed to a connection; what became of it is not known yet
 * - `answered`  the host answered, yes or no
 * - `unknown`   nobody can say any more whether it was done
 */
export type DeliveryState = 'queued' | 'sent' | 'answered' | 'unknown';

export interface Pending {
  readonly commandId: string;
  readonly name: string;
  readonly input: unknown;
  readonly state: 'queued' | 'sent';
}

interface Item {
  readonly commandId: string;
  readonly name: string;
  readonly input: unknown;
  counter: number | null;
  on: LiveConnection | null;
  /** Told to the person; never goes back to `queued` once sent. */
  state: 'queued' | 'sent';
  told(state: DeliveryState): void;
  resolve(result: CallResult<never>): void;
}

export interface OutboxDeps {
  readonly keeper: RecordKeeper;
  readonly random: Random;
  /** A command was answered whose asker may be gone, because the app was started again since. */
  settled(entry: OutboxEntry, result: CallResult<CommandName>): void;
  changed(): void;
}

/**
 * Commands with an effect, until the host has answered them. Each keeps its id and its number however often it is sent,
 * which is how the host knows a repeat; both are on the disk before the first sending.
 */
export function createOutbox({ keeper, random, settled, changed }: OutboxDeps) {
  const quiet = { told: () => {}, resolve: () => {} };
  const items: Item[] = keeper.value.outbox.map((entry) => ({
    ...{ ...entry, on: null, state: entry.counter === null ? 'queued' : 'sent' },
    ...quiet,
  }));

  const entryOf = ({ commandId, name, input, counter }: Item): OutboxEntry => ({
    ...{ commandId, name, input, counter },
  });
  const write = () => {
    keeper.change({ outbox: items.map(entryOf) });
    return keeper.saved();
  };

  function settle(item: Item, result: CallResult<never>): void {
    const at = items.indexOf(item);
    if (at < 0) return;
    items.splice(at, 1);
    if (result.ok && item.counter !== null) {
      keeper.change({ answered: Math.max(keeper.value.answered, item.counter) });
    }
    // Not waited for: if this write is lost the command is sent once more, and answered as before.
    write().catch(() => {});
    item.told(outcomeOf(result));
    item.resolve(result);
    settled(entryOf(item), result);
    changed();
  }

  function transmit(item: Item, connection: LiveConnection): void {
    item.on = connection;
    if (item.state !== 'sent') {
      item.state = 'sent';
      item.told('sent');
    }
    const { name, input, commandId, counter } = item;
    const stamp = counter === null ? { commandId } : { commandId, counter };
    void connection.client.request(name as CommandName, input as never, stamp).then((result) => {
      // What a lost connection answers is not the host's word: it is sent again on the next one.
      if (connection.isOpen()) settle(item, result as CallResult<never>);
    });
  }

  /** Numbers are given in the order of sending, so the host never sees a new command below its high-water mark. */
  async function stamp(fresh: readonly Item[]): Promise<void> {
    let { counter } = keeper.value;
    for (const item of fresh) item.counter = counter += 1;
    keeper.change({ counter });
    try {
      await write();
    } catch {
      for (const item of fresh)
        settle(item, unavailable('this device could not store the command; it was not sent'));
    }
  }

  return {
    on: (connection: LiveConnection) => items.filter((item) => item.on === connection).length,
    pending: (): Pending[] =>
      items.map(({ commandId, name, input, state }) => ({ commandId, name, input, state })),
    /** Null when the outbox is full. */
    add(
      name: CommandName,
      input: unknown,
      told: (state: DeliveryState) => void,
    ): { commandId: string; result: Promise<CallResult<never>> } | null {
      if (items.length >= OUTBOX_LIMIT) return null;
      const commandId = toBase64Url(random(16));
      let resolve: (result: CallResult<never>) => void = () => {};
      const result = new Promise<CallResult<never>>((settled) => (resolve = settled));
      const item: Item = {
        ...{ commandId, name, input, counter: null, on: null, state: 'queued', told, resolve },
      };
      items.push(item);
      write().then(
        () => {
          if (item.state === 'queued' && items.includes(item)) told('queued');
          changed();
        },
        () => settle(item, unavailable('this device could not store the command; it was not sent')),
      );
      changed();
      return { commandId, result };
    },
    /** Sends up to `room` of those that this connection has not carried yet, oldest first. */
    async send(connection: LiveConnection, room: number, isCurrent: () => boolean): Promise<void> {
      const due = items.filter((item) => item.on !== connection).slice(0, Math.max(0, room));
      const fresh = due.filter((item) => item.counter === null);
      if (fresh.length > 0) await stamp(fresh);
      for (const item of due) if (isCurrent() && items.includes(item)) transmit(item, connection);
    },
    /** Whoever asked does not want to wait any longer. */
    giveUp(commandId: string): void {
      const item = items.find((one) => one.commandId === commandId);
      if (item) settle(item, givenUp(item));
    },
    /** Those that the host may have seen can never be settled any more: it forgot what it had done. */
    abandonSent(): void {
      for (const item of items.filter((one) => one.counter !== null)) settle(item, givenUp(item));
    },
    /** This client ends, and nobody waits any more. What is on the disk is left as it is: a next one goes on with it. */
    end(): void {
      for (const item of items.splice(0)) item.resolve(givenUp(item));
    },
    /** The host has cast this device out: there will be no answer. */
    castOut(): void {
      for (const item of items.splice(0)) {
        const result = givenUp(item);
        item.told(outcomeOf(result));
        item.resolve(result);
      }
    },
  };
}

function outcomeOf(result: CallResult<CommandName>): 'answered' | 'unknown' {
  return !result.ok && result.error.data?.['unknown'] === true ? 'unknown' : 'answered';
}

function givenUp(item: Item): CallResult<never> {
  return item.counter === null
    ? unavailable('the command was not sent')
    : unavailable('what became of this command is unknown', { unknown: true });
}
