import { randomInt } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createPipePair } from '../../contract/channel/fakes.ts';
import { ByteSource } from '../../contract/byte-stream.ts';
import { createReliableClient, type ReliableClient } from '../../contract/reliable-client.ts';
import { ReliableRecord } from '../../contract/reliable-record.ts';
import type { Cursor } from '../../contract/stream.ts';
import { dialLabHost, labClock, labKeys, labRandom, logOf, openLabHost } from './device-lab.ts';

const schedule = labClock.after;
const source = ByteSource.parse({ kind: 'log', name: 'app', stream: 'stdout' });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface ReconnectFigures {
  readonly reconnects: number;
  readonly connections: number;
  readonly boundaries: number;
  readonly hostRestarts: number;
  readonly appRestarts: number;
  readonly commands: number;
  /** Answered yes, and the effect is there once. */
  readonly once: number;
  /** The host died in the midst of it: told as unknown, and the effect is there once or not at all. */
  readonly unknown: number;
  /** The app was killed before it had told the person that the command was queued; there is no effect. */
  readonly unqueued: number;
  readonly wrong: number;
  readonly gaps: number;
  readonly logComplete: boolean;
  readonly mirrorComplete: boolean;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/**
 * One session, cut at each of its message boundaries in turn: once with the message lost, once with it delivered, from
 * the first frame of the handshake to the last acknowledgement. In each round the phone submits one command, follows the
 * state and a log. At one cut in twenty the host loses power, every other time in the midst of a command, and
 * at one in fifty the app is killed.
 */
export async function runReconnects(options: { folder: string; rounds: number }): Promise<ReconnectFigures> {
  const { folder, rounds } = options;
  const keys = labKeys();
  writeFileSync(logOf(folder), '');
  const openHost = () => openLabHost({ folder, keys, clock: labClock, schedule, pause });
  const disk: { record: ReliableRecord | null } = { record: null };
  const outcomes = new Map<string, string>();
  const promised = new Set<string>();
  const seen = createWitness();
  const resumed: number[] = [];
  let host = openHost();
  let phone = startApp();
  let cutAt = performance.now();
  /** The next cut comes before or after the effect of a command that is being carried out. */
  let inside = false;
  let cutNow: () => void = () => {};
  let written = '';
  const counts = { connections: 0, hostRestarts: 0, appRestarts: 0 };

  async function pause(): Promise<void> {
    await turn();
    if (!inside || randomInt(2) === 0) return;
    inside = false;
    cutNow();
  }

  function startApp(): ReliableClient {
    const client = createReliableClient({
      ...{ random: labRandom, schedule, record: disk.record },
      // On a disk a write takes a while; an app that is killed meanwhile has not made it.
      async save(record) {
        await turn();
        if (client === phone) disk.record = ReliableRecord.parse(JSON.parse(JSON.stringify(record)));
        else throw new Error('this app is gone');
      },
      settled(entry, result) {
        const { idempotencyKey } = entry.input as { idempotencyKey: string };
        const unknown = !result.ok && result.error.data?.['unknown'] === true;
        outcomes.set(idempotencyKey, result.ok ? 'ok' : unknown ? 'unknown' : result.error.code);
      },
    });
    client.watch((state) => {
      if (state.kind === 'online') resumed.push(performance.now() - cutAt);
    });
    seen.restart();
    client.subscribe(null, seen.frame);
    client.follow(source, seen.log().length, seen.chunk, () => {});
    return client;
  }

  /**
   * Connects and lives until the message at `boundary` is reached, or until all is done; gives the messages seen.
   * `fate` strikes in the tick of the cut.
   */
  async function live(boundary: number, deliver: boolean, fate: () => void): Promise<number> {
    let frames = 0;
    const session = { over: false, cut: false };
    counts.connections += 1;
    const cut = () => {
      if (session.cut) return;
      session.over = session.cut = true;
      cutAt = performance.now();
      fate();
      pipes.cut();
    };
    const pipes = createPipePair((frame) => {
      if (session.over) return [];
      frames += 1;
      if (frames <= boundary) return [frame];
      session.over = true;
      queueMicrotask(cut);
      return deliver ? [frame] : [];
    });
    cutNow = cut;
    host.accept(pipes.right);
    await dialLabHost(pipes.left, keys, schedule).then(
      (channel) => phone.attach(channel),
      () => {},
    );
    while (!session.over && !isDone()) await turn();
    cut();
    inside = false;
    while (phone.state().kind !== 'offline') await turn();
    return frames;
  }

  const isDone = () =>
    phone.outbox().length === 0 &&
    seen.log() === whole(written) &&
    phone.mirror().cursor?.seq === host.cursor().seq &&
    phone.mirror().cursor?.epoch === host.cursor().epoch;

  function act(round: number): void {
    // Every other part ends in the middle of a word, which the outbound gate holds back until it is whole.
    const part = round % 2 === 0 ? `line ${round}\nli` : `ne ${round}\n`;
    written += part;
    appendFileSync(logOf(folder), part);
    host.logGrown();
    const idempotencyKey = `command-${round}`;
    const input = { agent: 'demo', workspace: 'w', text: 'x', idempotencyKey };
    phone.submit('tasks.submit', input, () => void promised.add(idempotencyKey));
  }

  function powerLoss(): void {
    counts.hostRestarts += 1;
    host.kill();
    host = openHost();
  }

  /** What the app had not stored is gone with it. */
  function appKill(): void {
    counts.appRestarts += 1;
    const old = phone;
    phone = startApp();
    old.close();
  }

  const spare = () => {};
  act(0);
  const boundaries = await live(Number.POSITIVE_INFINITY, true, spare);
  for (let round = 1; round <= rounds; round += 1) {
    act(round);
    // Half of the commands are on the phone's disk before anything else happens.
    if (round % 2 === 1) for (let turns = 0; turns < 3; turns += 1) await turn();
    const fate = randomInt(20) === 0 ? powerLoss : randomInt(50) === 0 ? appKill : spare;
    if (fate === powerLoss && randomInt(2) === 0) {
      inside = true;
      await live(Number.POSITIVE_INFINITY, true, powerLoss);
      continue;
    }
    await live(round % boundaries, Math.floor(round / boundaries) % 2 === 0, fate);
    // Every session is cut, so what waits piles up: now and then one lives until all is done.
    if (phone.outbox().length > 4) await live(Number.POSITIVE_INFINITY, true, spare);
  }
  await live(Number.POSITIVE_INFINITY, true, spare);
  const effects = host.effects();
  const expected = host.store.state;
  const figures = judge({ outcomes, effects, promised }, rounds + 1);
  const mirrorComplete = JSON.stringify(phone.mirror().state) === JSON.stringify(expected);
  const logComplete = seen.log() === whole(readFileSync(logOf(folder), 'utf8'));
  phone.close();
  host.kill();
  resumed.sort((a, b) => a - b);
  const at = (share: number) =>
    resumed[Math.min(resumed.length - 1, Math.floor(resumed.length * share))] ?? NaN;
  return {
    ...{ reconnects: rounds, boundaries, ...counts, commands: rounds + 1, ...figures },
    ...{ gaps: seen.gaps(), logComplete, mirrorComplete, medianMs: at(0.5), p99Ms: at(0.99) },
  };
}

/** Up to the last whole word. */
const whole = (text: string) => text.replace(/\S*$/, '');

function judge(
  {
    outcomes,
    effects,
    promised,
  }: {
    outcomes: ReadonlyMap<string, string>;
    effects: ReadonlyMap<string, number>;
    promised: ReadonlySet<string>;
  },
  commands: number,
) {
  let [once, unknown, unqueued, wrong] = [0, 0, 0, 0];
  for (let i = 0; i < commands; i += 1) {
    const key = `command-${i}`;
    const times = effects.get(key) ?? 0;
    if (outcomes.get(key) === 'ok' && times === 1) once += 1;
    else if (outcomes.get(key) === 'unknown' && times <= 1) unknown += 1;
    else if (!promised.has(key) && times === 0) unqueued += 1;
    else wrong += 1;
  }
  return { once, unknown, unqueued, wrong };
}

/** What the person at the phone has seen: every event in order or an explicit snapshot, every byte of the log once. */
function createWitness() {
  let cursor: Cursor | null = null;
  let gaps = 0;
  let log = '';
  return {
    restart: () => void (cursor = null),
    gaps: () => gaps,
    log: () => log,
    frame(frame: { kind: string; cursor: Cursor }) {
      const follows = frame.cursor.epoch === cursor?.epoch && frame.cursor.seq === cursor.seq + 1;
      if (frame.kind !== 'snapshot' && !follows) gaps += 1;
      cursor = frame.cursor;
    },
    chunk({ offset, text }: { offset: number; text: string }) {
      if (offset !== log.length) gaps += 1;
      log += text;
    },
  };
}

/** The figures as one line for a report. */
export function reconnectLine(figures: ReconnectFigures): string {
  return (
    `reconnects: ${figures.reconnects} cuts over ${figures.boundaries} message boundaries in ${figures.connections} connections, ` +
    `${figures.hostRestarts} host losses of power, ${figures.appRestarts} app kills: of ${figures.commands} commands ` +
    `${figures.once} took effect once, ${figures.unknown} told as unknown (0 or 1 effect), ${figures.unqueued} never queued (0 effects), ` +
    `${figures.wrong} wrong; ` +
    `${figures.gaps} gaps; resume median ${figures.medianMs.toFixed(1)} ms, p99 ${figures.p99Ms.toFixed(1)} ms\n`
  );
}
