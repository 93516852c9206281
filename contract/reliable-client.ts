import type { Random } from './channel/bytes.ts';
import { CHANNEL_VERSION, type Schedule } from './channel/channel-handshake.ts';
import type { CallResult, HostClient } from './client.ts';
import { commands, type CommandName, type InputOf } from './commands.ts';
import { createFrameFeed } from './frame-feed.ts';
import type { Carrier, LiveConnection, Notice } from './live-connection.ts';
import { emptyMirror, type Mirror } from './mirror.ts';
import { createOutbox, OUTBOX_LIMIT, type DeliveryState, type Pending } from './outbox.ts';
import { createReads } from './reads.ts';
import {
  createRecordKeeper,
  emptyReliableRecord,
  type OutboxEntry,
  type ReliableRecord,
} from './reliable-record.ts';
import { createSessionLink, type ReliableState } from './session-link.ts';
import { PATIENCE, type Patience } from './silence-watch.ts';
import { createStreamFollowers } from './stream-followers.ts';

export type { ReliableState } from './session-link.ts';

/** Calls on one connection at a time; the host takes 64. */
const WINDOW = 32;

export interface ReliableClientDeps {
  readonly random: Random;
  readonly schedule: Schedule;
  /** What `save` was last given, checked with the schema `ReliableRecord`; null for a host just paired. */
  readonly record: ReliableRecord | null;
  /** Resolves when the record would survive a kill of the app. Called one at a time. */
  save(record: ReliableRecord): Promise<void>;
  /** The last mirror of this host, if one was kept: the state stream goes on from its cursor. */
  readonly mirror?: Mirror;
  /** Stores the new keys; the host is told when it has resolved. */
  rotate?(keys: Extract<Notice, { type: 'rotate' }>): Promise<void>;
  /** Every command that was settled, also of an earlier run of the app. */
  settled?(entry: OutboxEntry, result: CallResult<CommandName>): void;
  readonly patience?: Patience;
  /** For tests: the channel version that this app speaks. */
  readonly version?: number;
}

export interface Submission<N extends CommandName> {
  /** Null when the outbox was full. */
  readonly commandId: string | null;
  /** Resolves when the host has answered, over however many connections that takes. */
  readonly result: Promise<CallResult<N>>;
}

export interface ReliableClient extends HostClient {
  state(): ReliableState;
  watch(listener: (state: ReliableState) => void): () => void;
  /** A proven channel, just opened. It takes over when the host has welcomed it; only then is the one before closed. */
  attach(channel: Carrier): void;
  /** Like `call`, and tells how far a command with an effect has come. */
  submit<N extends CommandName>(
    name: N,
    input: InputOf<N>,
    told?: (state: DeliveryState) => void,
  ): Submission<N>;
  /** Commands that wait for an answer, oldest first. */
  outbox(): Pending[];
  giveUp(commandId: string): void;
  /** The owner of the phone says that putting the host back was meant. Commands that may have been done are given up. */
  acceptRollback(): Promise<void>;
  mirror(): Mirror;
  /** Ends the connection and this client. What waits in the outbox stays on the disk. */
  close(): void;
}

/**
 * HostClient over a channel that comes and goes: every command with an effect has it exactly once, and no event is
 * missed. The other half of this promise is the host's command ledger.
 */
export function createReliableClient(deps: ReliableClientDeps): ReliableClient {
  const { random, schedule, patience = PATIENCE, version = CHANNEL_VERSION } = deps;
  const keeper = createRecordKeeper(deps.record ?? emptyReliableRecord, (record) => deps.save(record));
  const feed = createFrameFeed(deps.mirror ?? emptyMirror);
  const followers = createStreamFollowers();
  const reads = createReads(schedule, () => pump());
  const outbox = createOutbox({
    ...{ keeper, random },
    settled: (entry, result) => deps.settled?.(entry, result),
    changed: () => pump(),
  });
  const pump = createPump(reads, outbox, () => current);
  let current: LiveConnection | null = null;
  let over = false;
  const link = createSessionLink({
    ...{ keeper, schedule, patience, version },
    carry(connection) {
      current = connection;
      feed.use(connection);
      followers.use(connection);
      pump();
    },
    awaiting: (connection) => reads.on(connection) + outbox.on(connection) > 0,
    ended: reads.lost,
    scopeChanged: feed.forget,
    castOut() {
      end('this device was removed from the host');
      outbox.castOut();
    },
    // Without a place for new keys the host is not told that they are stored.
    rotate: (keys) => deps.rotate?.(keys) ?? Promise.reject(new Error('new keys have no place here')),
  });

  function end(why: string): void {
    over = true;
    reads.end(why);
    followers.end(why);
  }

  function submit<N extends CommandName>(
    name: N,
    input: InputOf<N>,
    told: (state: DeliveryState) => void = () => {},
  ): Submission<N> {
    if (over) return { commandId: null, result: Promise.resolve(closed()) };
    return outbox.add(name, input, told) ?? { commandId: null, result: Promise.resolve(full()) };
  }

  return {
    ...{ state: link.state, watch: link.watch, attach: link.attach },
    ...{ submit, outbox: outbox.pending, giveUp: outbox.giveUp },
    ...{ subscribe: feed.subscribe, follow: followers.follow, mirror: feed.mirror },
    call(name, input) {
      if (commands[name].risk !== 'none') return submit(name, input).result;
      return over ? Promise.resolve(closed()) : reads.ask(name, input);
    },
    async acceptRollback() {
      const accepted = link.rollback();
      if (!accepted) return;
      outbox.abandonSent();
      const answered = Math.min(keeper.value.answered, accepted.counter);
      keeper.change({ epoch: accepted.epoch, answered });
      feed.forget();
      await keeper.saved();
      link.forgive();
    },
    close() {
      if (over) return;
      end('this connection was closed');
      link.close();
      outbox.end();
    },
  };
}

/** Sends whatever the connection that counts has not carried yet: questions first, then commands in their order. */
function createPump(
  reads: ReturnType<typeof createReads>,
  outbox: ReturnType<typeof createOutbox>,
  current: () => LiveConnection | null,
): () => void {
  let sending = false;
  let again = false;

  async function sendAll(): Promise<void> {
    sending = true;
    while (again) {
      again = false;
      const connection = current();
      if (!connection) break;
      const room = () => WINDOW - reads.on(connection) - outbox.on(connection);
      reads.send(connection, room());
      await outbox.send(connection, room(), () => current() === connection);
      if (room() < WINDOW) connection.expectAnswer();
    }
    sending = false;
  }

  return () => {
    again = true;
    if (!sending) void sendAll();
  };
}

function full(): CallResult<never> {
  const message = `${OUTBOX_LIMIT} commands wait for the host already; this one was not taken`;
  return { ok: false, error: { code: 'too_many', message, data: { limit: OUTBOX_LIMIT } } };
}

function closed(): CallResult<never> {
  return { ok: false, error: { code: 'unavailable', message: 'this connection was closed' } };
}
