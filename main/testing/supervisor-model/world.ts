import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { createBench, type Bench } from '../../services/supervisor/fakes.ts';
import type { Log } from '../../kernel/ports.ts';
import { handClock, type HandClock } from '../fake-ports.ts';
import { aMoment } from '../real-processes.ts';
import { BROKEN, definitionOf, KINDS, lookAtSystem, projectText, PROJECT } from './children.ts';
import { copyOf, isAlive, LEGAL, type Belief, type Kind } from './model.ts';

/** Hosts that come one after another on the same database and the same shim, and what must be true of them. */
export interface World {
  readonly folder: string;
  belief: Belief;
  bench: Bench;
  clock: HandClock;
  readonly seen: { states: Set<string>; transitions: Set<string>; looks: number };
  /** What was done and what was complained of, newest last. */
  readonly history: string[];
  /** Another host begins; the one before has ended or was let go. */
  open(afterCrash?: 'adopt' | 'stop'): Promise<void>;
  /**
   * Waits until one of these beliefs is what the supervisor says, and holds the system against it.
   * @param how `gone`: numbers that no process may have any more; `isCrash`: who died before it could end what it had
   *   started could not do so, and whoever follows does it soon
   */
  settle(beliefs: readonly Belief[], how?: { gone?: readonly number[]; isCrash?: boolean }): Promise<void>;
  /** The same when of the touched ones nothing is known but that they are something whole. */
  settleAfterCrash(touched: ReadonlySet<string>): Promise<void>;
  /** The number of one that lives. */
  pidOf(name: string): number;
  projectFile(broken: boolean): string;
}

type Status = ManagedProcess['state'];

export async function createWorld(shim: string): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  const published = new Map<string, Status>();

  const complain = (facts: object, text: string) =>
    void world.history.push(`  (the host says: ${text} ${JSON.stringify(facts)})`);
  const log: Log = { info: () => {}, warn: complain, error: complain };
  const world: World = {
    folder,
    belief: new Map(),
    history: [],
    seen: { states: new Set(), transitions: new Set(), looks: 0 },
    ...openHost('adopt'),
    async open(afterCrash = 'adopt') {
      Object.assign(world, openHost(afterCrash));
      await world.bench.supervisor.start();
    },
    async settle(beliefs, { gone = [], isCrash = false } = {}) {
      const isOver = () => !pids(world.bench).some((pid) => gone.includes(pid));
      const fitting = () =>
        isOver() ? beliefs.find((one) => differences(world, one).length === 0) : undefined;
      await world.bench.until(() => fitting() !== undefined).catch(() => {});
      const found = fitting();
      // The difference to what was believed says more than that nothing fits.
      if (!found) expect(differences(world, beliefs[0] ?? world.belief)).toEqual([]);
      world.belief = found ?? world.belief;
      checkPublished(world, published);
      // Whoever was told to have ended has left nobody behind. What an earlier host had just asked for may still begin
      // and be ended; zombies are reaped a moment after their end.
      if (!isCrash) expect(disorder(world).filter((text) => text.includes(world.bench.ids))).toEqual([]);
      await orderly(world);
    },
    async settleAfterCrash(touched) {
      const isWhole = () => halfDone(world, touched).length === 0;
      await world.bench.until(isWhole).catch(() => {});
      expect(halfDone(world, touched)).toEqual([]);
      for (const name of touched) adoptFacts(world, name);
      checkPublished(world, published);
      await orderly(world);
      expect(differences(world, world.belief)).toEqual([]);
    },
    pidOf(name) {
      const one = world.bench.state(name);
      if (one && 'pid' in one) return one.pid;
      throw new Error(`${name} does not live`);
    },
    projectFile(broken) {
      const file = join(folder, 'signalbox.yaml');
      writeFileSync(file, projectText(broken ? BROKEN : PROJECT));
      return file;
    },
  };

  function openHost(afterCrash: 'adopt' | 'stop') {
    const clock = handClock(Date.now());
    const bench = createBench({ folder, shim, clock, more: { afterCrash, log } });
    published.clear();
    for (const row of bench.db.all('SELECT name, body FROM processes')) {
      published.set(String(row['name']), (JSON.parse(String(row['body'])) as ManagedProcess).state);
    }
    return { bench, clock };
  }

  await world.bench.supervisor.start();
  return world;
}

const pids = (bench: Bench) => bench.supervisor.snapshot().flatMap((one) => ('pid' in one ? [one.pid] : []));

/** Where the supervisor says something else than is believed. */
function differences({ bench }: World, belief: Belief): string[] {
  const shown = new Map(bench.supervisor.snapshot().map((one) => [one.name, one]));
  const names = new Set([...shown.keys(), ...belief.keys()]);
  return [...names].flatMap((name) => {
    const is = shown.get(name);
    const should = belief.get(name);
    const left = is && `${is.state} ${is.restarts} ${'crashLoop' in is}`;
    const right = should && `${should.state} ${should.restarts} ${should.crashLoop}`;
    return left === right
      ? []
      : [`${name}: ${left ?? 'absent'}, not ${right ?? 'absent'}: ${JSON.stringify(is)}`];
  });
}

/** Only legal steps were published, and the last of them is what the supervisor says. */
function checkPublished({ bench, seen }: World, published: Map<string, Status>): void {
  for (const event of bench.events.splice(0)) {
    if (event.type === 'process.removed') published.delete(event.name);
    if (event.type !== 'process.changed') continue;
    const { name, state } = event.process;
    const before = published.get(name) ?? 'stopped';
    expect(LEGAL[before], `${name}: ${before} → ${state}`).toContain(state);
    seen.states.add(state);
    if (before !== state) seen.transitions.add(`${before} → ${state}`);
    published.set(name, state);
  }
  bench.audit.length = 0;
  const shown = new Map(bench.supervisor.snapshot().map((one) => [one.name, one.state]));
  expect([...published].sort()).toEqual([...shown].sort());
}

/** What of the system is against the rules: one run for each process that lives, nothing else, and no zombie. */
function disorder({ bench, folder, seen }: World): string[] {
  const shim = bench.supervisor.shimPid();
  const { own, zombies } = lookAtSystem(`${basename(folder)}-`, [
    process.pid,
    ...(shim === null ? [] : [shim]),
  ]);
  seen.looks += 1;
  const lives = pids(bench);
  const runs = new Map(own.filter(({ pid }) => lives.includes(pid)).map(({ run, pid }) => [run, pid]));
  return [
    ...lives
      .filter((pid) => !own.some((one) => one.pid === pid))
      .map((pid) => `${pid} is shown and does not live (${bench.ids})`),
    ...(runs.size < lives.length ? ['two processes are one run'] : []),
    ...own
      .filter(({ run }) => !runs.has(run))
      .map(({ pid, run }) => `${pid} of run ${run ?? ''} is an orphan`),
    ...zombies.map(
      ({ pid, parent, program }) =>
        `${pid} (${program}) of ${parent === process.pid ? 'this process' : 'the shim'} is a zombie`,
    ),
  ];
}

/** The system tells of the end of a stranger, and of a zombie's, by absence alone: it is looked for again. */
async function orderly(world: World): Promise<void> {
  const from = performance.now();
  let left = disorder(world);
  while (left.length > 0 && performance.now() - from < 10_000) {
    await aMoment();
    left = disorder(world);
  }
  expect(left).toEqual([]);
}

/** Whoever is still on the way to somewhere, or is not what was believed although nobody touched it. */
function halfDone(world: World, touched: ReadonlySet<string>): string[] {
  const untouched = copyOf(world.belief);
  for (const name of touched) untouched.delete(name);
  const others = differences(world, untouched).filter((text) => !touched.has(text.split(':')[0] ?? ''));
  const moving = world.bench.supervisor.snapshot().filter((one) => {
    const isQuick = kindOf(world, one)?.ready === 'quick';
    return touched.has(one.name) && (one.state === 'stopping' || (isQuick && one.state === 'starting'));
  });
  return [...others, ...moving.map(({ name, state }) => `${name} is still ${state}`)];
}

/** Which of the definitions that it was given a process has. */
function kindOf({ folder }: World, { name, definition }: ManagedProcess): Kind | undefined {
  const facts = ({ argv, restart, ready }: typeof definition) => JSON.stringify([argv, restart, ready]);
  const project = [...PROJECT, ...BROKEN].filter(([other]) => other === name).map(([, kind]) => kind);
  const all = project.length > 0 ? project : KINDS;
  return all.find((kind) => facts(definitionOf(name, kind, folder)) === facts(definition));
}

/** What a crash has made of one that was touched is taken as it is, as long as it is one of its definitions. */
function adoptFacts(world: World, name: string): void {
  const is = world.bench.state(name);
  if (!is) {
    world.belief.delete(name);
    return;
  }
  const kind = kindOf(world, is);
  if (!kind) throw new Error(`${name} has a definition that nobody gave it`);
  const before = world.belief.get(name);
  const fresh = { attempts: 0, byHost: false, readyBy: 0 };
  const one = {
    ...fresh,
    ...before,
    kind,
    state: is.state,
    restarts: is.restarts,
    crashLoop: 'crashLoop' in is,
  };
  if (!isAlive(one) && one.state !== 'backing-off') one.attempts = 0;
  world.belief.set(name, { ...one, byHost: 'byHost' in is });
}
