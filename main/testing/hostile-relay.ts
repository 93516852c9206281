import { randomInt } from 'node:crypto';
import { sha256Hex } from '../../contract/action.ts';
import { fromUtf8, toHex } from '../../contract/channel/bytes.ts';
import {
  createFakeSchedule,
  createPipePair,
  type Direction,
  type PipePair,
} from '../../contract/channel/fakes.ts';
import type { SecureChannel } from '../../contract/channel/secure-channel.ts';
import { createReliableClient } from '../../contract/reliable-client.ts';
import { dialLabHost, labKeys, labRandom, openLabHost } from './device-lab.ts';

export interface RelayFigures {
  readonly frames: number;
  readonly attacks: Readonly<Record<string, number>>;
  readonly sessions: number;
  /** Messages that one end took and the other had not sent, at that place. */
  readonly accepted: number;
  readonly commands: number;
  readonly lost: number;
  readonly doubled: number;
  /** Longest time without any step forward, in milliseconds of the clock that all timeouts run on. */
  readonly longestStall: number;
}

const ATTACKS = [
  'drop',
  'delay',
  'double',
  'reorder',
  'replay',
  'flip',
  'splice',
  'reflect',
  'cut-short',
] as const;
const OUTSTANDING = 8;
const one = <T>(list: readonly T[]): T | undefined => list[randomInt(Math.max(1, list.length))];

/**
 * A reliable client and a real host with a relay between them that attacks one frame in `rate`, from the first byte of
 * every handshake on. All timeouts run on a clock of its own that moves when nothing else can.
 */
export async function runHostileRelay(options: {
  folder: string;
  frames: number;
  rate: number;
}): Promise<RelayFigures> {
  const time = createFakeSchedule();
  let now = 0;
  const clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms: number, run: () => void) => time.schedule(ms, run),
  };
  const schedule = time.schedule;
  const keys = labKeys();
  const oracle = createOracle();
  const relay = createRelay(options.rate, schedule);
  const host = openLabHost({
    ...{ folder: options.folder, keys, clock, schedule },
    wrap: (channel) => oracle.watch(channel, 'host'),
    pause: turn,
  });
  const outcomes = new Map<string, string>();
  const stall = { since: 0, longest: 0 };
  const step = () => {
    stall.longest = Math.max(stall.longest, now - stall.since);
    stall.since = now;
  };
  const client = createReliableClient({
    ...{ random: labRandom, schedule, record: null, save: () => Promise.resolve() },
    settled(entry, result) {
      outcomes.set(
        (entry.input as { idempotencyKey: string }).idempotencyKey,
        result.ok ? 'ok' : result.error.code,
      );
      step();
    },
  });
  client.watch(step);
  client.subscribe(null, () => {});
  const dials = { open: false, count: 0 };
  let submitted = 0;

  function dial(): void {
    dials.open = true;
    dials.count += 1;
    const pipes = relay.connect();
    host.accept(pipes.right);
    dialLabHost(pipes.left, keys, schedule).then(
      (channel) => {
        step();
        dials.open = false;
        client.attach(oracle.watch(channel, 'phone'));
      },
      () => {
        step();
        dials.open = false;
      },
    );
  }

  function submit(): void {
    const idempotencyKey = `command-${String(submitted)}`;
    submitted += 1;
    void client.submit('tasks.submit', { agent: 'demo', workspace: 'w', text: 'x', idempotencyKey });
  }

  async function quiet(): Promise<void> {
    for (let seen = -1; seen !== relay.frames();) {
      seen = relay.frames();
      for (let turns = 0; turns < 8; turns += 1) await turn();
    }
  }

  while (relay.frames() < options.frames || client.outbox().length > 0) {
    const more = relay.frames() < options.frames;
    while (more && client.outbox().length < OUTSTANDING) submit();
    const idle = client.state().kind === 'offline';
    // Now and then a new connection is made while the old one still stands.
    if (!dials.open && (idle || (more && randomInt(20) === 0 && client.state().kind === 'online'))) dial();
    const before = outcomes.size;
    await quiet();
    if (outcomes.size > before || (client.state().kind === 'offline' && !dials.open)) continue;
    const next = Math.min(...time.pending());
    if (!Number.isFinite(next)) throw new Error(`nothing moves any more: ${JSON.stringify(client.state())}`);
    now += next;
    time.advance(next);
  }
  client.close();
  const effects = host.effects();
  host.kill();
  const keysOf = Array.from({ length: submitted }, (_, i) => `command-${String(i)}`);
  return {
    frames: relay.frames(),
    attacks: relay.attacks(),
    sessions: dials.count,
    accepted: oracle.accepted(),
    commands: submitted,
    lost: keysOf.filter((key) => outcomes.get(key) !== 'ok' || !effects.has(key)).length,
    doubled: [...effects.values()].filter((times) => times > 1).length,
    longestStall: stall.longest,
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Knows what each end of a session sent, and compares what the other end takes with it, message by message. */
function createOracle() {
  const sessions = new Map<string, Record<'phone' | 'host', { sent: string[]; got: number }>>();
  let accepted = 0;
  return {
    accepted: () => accepted,
    watch(channel: SecureChannel, end: 'phone' | 'host'): SecureChannel {
      const id = toHex(channel.handshakeHash);
      const session = sessions.get(id) ?? { phone: { sent: [], got: 0 }, host: { sent: [], got: 0 } };
      sessions.set(id, session);
      const [mine, theirs] = end === 'phone' ? [session.phone, session.host] : [session.host, session.phone];
      return {
        ...channel,
        send(message, stream) {
          mine.sent.push(sha256Hex(fromUtf8(message)));
          channel.send(message, stream);
        },
        onMessage(handler) {
          channel.onMessage((message, stream) => {
            if (theirs.sent[mine.got] !== sha256Hex(fromUtf8(message))) accepted += 1;
            mine.got += 1;
            handler(message, stream);
          });
        },
      };
    },
  };
}

/** Makes connections whose every frame passes through its hands. */
function createRelay(rate: number, schedule: (ms: number, run: () => void) => unknown) {
  const attacks: Record<string, number> = {};
  const elsewhere: Record<Direction, Uint8Array[]> = { 'to-left': [], 'to-right': [] };
  let frames = 0;

  function connect(): PipePair {
    const history: Uint8Array[] = [];
    const held: Record<Direction, Uint8Array[]> = { 'to-left': [], 'to-right': [] };
    const inject = (direction: Direction, frame: Uint8Array) =>
      (direction === 'to-left' ? pipes.left : pipes.right).inject(frame);

    function attack(
      kind: (typeof ATTACKS)[number],
      frame: Uint8Array,
      direction: Direction,
    ): readonly Uint8Array[] {
      switch (kind) {
        case 'drop':
          return [];
        case 'delay':
          schedule(randomInt(1, 2000), () => inject(direction, frame));
          return [];
        case 'double':
          return [frame, frame];
        case 'reorder':
          held[direction].push(frame);
          return [];
        case 'replay':
          return [frame, one(history) ?? frame];
        case 'flip':
          return [flipped(frame)];
        case 'splice':
          return [one(elsewhere[direction]) ?? flipped(frame), frame];
        case 'reflect':
          inject(direction === 'to-left' ? 'to-right' : 'to-left', frame);
          return [frame];
        case 'cut-short':
          return [frame.slice(0, randomInt(frame.length))];
      }
    }

    const pipes = createPipePair((frame, direction) => {
      frames += 1;
      const kind = randomInt(rate) === 0 ? one(ATTACKS) : undefined;
      const late = held[direction].splice(0);
      const passed = kind === undefined ? [frame] : attack(kind, frame, direction);
      if (kind !== undefined) attacks[kind] = (attacks[kind] ?? 0) + 1;
      history.push(frame);
      remember(elsewhere[direction], frame);
      return [...passed, ...late];
    });
    return pipes;
  }

  return { connect, frames: () => frames, attacks: () => attacks };
}

function flipped(frame: Uint8Array): Uint8Array {
  const altered = frame.slice();
  const at = randomInt(altered.length);
  altered[at] = (altered[at] ?? 0) ^ (1 << randomInt(8));
  return altered;
}

function remember(list: Uint8Array[], frame: Uint8Array): void {
  if (list.length < 256) list.push(frame);
  else list[randomInt(list.length)] = frame;
}

/** The figures as one line for a report. */
export function relayLine(figures: RelayFigures): string {
  const attacks = Object.values(figures.attacks).reduce((sum, count) => sum + count, 0);
  return (
    `hostile relay: ${figures.frames} frames, ${attacks} attacks of ${Object.keys(figures.attacks).length} kinds, ` +
    `${figures.sessions} connections, ${figures.commands} commands: ${figures.accepted} altered messages accepted, ` +
    `${figures.lost} commands lost, ${figures.doubled} double effects, longest stall ${figures.longestStall} ms\n`
  );
}
