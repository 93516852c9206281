import { expect } from 'vitest';
import { owner } from '../../services/supervisor/fakes.ts';
import { isRunning } from '../real-processes.ts';
import { BROKEN, definitionOf, KINDS, PROJECT, tellChild } from './children.ts';
import * as model from './model.ts';
import { copyOf, isAlive, type Belief, type Kind } from './model.ts';
import type { World } from './world.ts';

export type Choose = (below: number) => number;

const OWN_NAMES = ['p0', 'p1', 'p2', 'p3'];
const DAY_MS = 86_400_000;

const pick = <T>(choose: Choose, all: readonly T[]): T => {
  const found = all[choose(all.length)];
  if (found === undefined) throw new Error('there is nothing to choose from');
  return found;
};

/** A command as it is sent, and as it is understood. */
interface Act {
  readonly text: string;
  /** Whom it is about; null for all. */
  readonly name: string | null;
  send(world: World): Promise<unknown>;
  /** @returns whether it is answered with success; what it answers, where that is known */
  expect(belief: Belief, now: number): boolean | string;
}

function namedAct(verb: 'start' | 'stop' | 'restart' | 'remove', name: string): Act {
  return {
    ...{ text: `${verb} ${name}`, name },
    send: async ({ bench }) => bench.call[`supervisor.${verb}`]({ name }, owner),
    expect(belief, now) {
      if (!belief.has(name)) return false;
      if (verb === 'start') return model.start(belief, name, now);
      if (verb === 'restart') return model.restart(belief, name, now);
      if (verb === 'stop') model.stop(belief, name);
      else belief.delete(name);
      return true;
    },
  };
}

function runAct(name: string, kind: Kind): Act {
  return {
    ...{ text: `run ${name} as ${KINDS.indexOf(kind)}`, name },
    async send({ bench, folder }) {
      return (await bench.call['supervisor.run'](definitionOf(name, kind, folder), owner)).outcome;
    },
    expect: (belief, now) => model.run(belief, name, kind, now) ?? false,
  };
}

const stopAllAct: Act = {
  ...{ text: 'stop all', name: null },
  send: async ({ bench }) => bench.call['supervisor.stopAll']({}, owner),
  expect(belief) {
    for (const name of belief.keys()) model.stop(belief, name);
    return true;
  },
};

/** @param others beside those that depend on nobody */
function anyAct(choose: Choose, others: Iterable<string> = []): Act {
  const all = [...new Set([...OWN_NAMES, ...others])];
  const which = choose(20);
  if (which < 8) return runAct(pick(choose, OWN_NAMES), pick(choose, KINDS));
  if (which === 8) return stopAllAct;
  const verb = pick(choose, ['start', 'stop', 'stop', 'restart', 'restart', 'remove'] as const);
  return namedAct(verb, pick(choose, all));
}

const isAnswered = (sent: Promise<unknown>) =>
  sent.then(
    (answer) => (typeof answer === 'string' ? answer : true),
    () => false,
  );

async function command(world: World, choose: Choose): Promise<void> {
  const act = anyAct(choose, world.belief.keys());
  world.history.push(act.text);
  const belief = copyOf(world.belief);
  const answer = act.expect(belief, world.clock.monotonic());
  expect(await isAnswered(act.send(world)), act.text).toBe(answer);
  await world.settle([belief]);
}

/** Several at the same time: those of one process happen in their order. */
async function together(world: World, choose: Choose): Promise<void> {
  const acts = Array.from({ length: 2 + choose(4) }, () => anyAct(choose));
  const text = acts.map((act) => act.text).join(' & ');
  world.history.push(text);
  const belief = copyOf(world.belief);
  const answers = acts.map((act) => act.expect(belief, world.clock.monotonic()));
  const isRemoval = (act: Act, index: number) => act.text.startsWith('remove') && answers[index] === true;
  const removed = new Set(acts.filter(isRemoval).map(({ name }) => name));
  // Who is being removed refuses what comes before and after it in the same moment.
  for (const name of removed) belief.delete(name ?? '');
  const sent = await Promise.all(acts.map((act) => isAnswered(act.send(world))));
  for (const [index, act] of acts.entries()) {
    if (!removed.has(act.name)) expect(sent[index], `${act.text} in ${text}`).toBe(answers[index]);
  }
  await world.settle([belief]);
}

const alive = (world: World) => [...world.belief].filter(([, one]) => isAlive(one)).map(([name]) => name);

async function exit(world: World, choose: Choose): Promise<void> {
  const name = pick(choose, alive(world));
  const code = pick(choose, [0, 3]);
  world.history.push(`${name} exits with ${code}`);
  const belief = copyOf(world.belief);
  model.end(belief, name, world.bench.supervisor.shimPid() === null ? null : code);
  const pid = world.pidOf(name);
  const until = { kind: 'exit' } as const;
  const waited = world.bench.call['supervisor.wait']({ name: name, until, timeoutMs: 30_000 }, owner);
  tellChild(world.folder, pid, `exit ${code}`);
  expect((await waited).outcome).toBe('happened');
  await world.settle([belief, strangersEnd(world, name)], { gone: [pid] });
}

/** How it ended cannot be known of one that was taken over from a dead shim: it counts as a failure. */
function strangersEnd(world: World, name: string): Belief {
  const belief = copyOf(world.belief);
  model.end(belief, name, null);
  return belief;
}

async function kill(world: World, choose: Choose): Promise<void> {
  const name = pick(choose, alive(world));
  world.history.push(`${name} is killed`);
  const pid = world.pidOf(name);
  process.kill(pick(choose, [pid, -pid]), 'SIGKILL');
  await world.settle([strangersEnd(world, name)], { gone: [pid] });
}

/** It ends by itself while a person wants something of it: either may be first. */
async function race(world: World, choose: Choose): Promise<void> {
  const name = pick(choose, alive(world));
  const act = namedAct(pick(choose, ['stop', 'restart', 'start']), name);
  world.history.push(`${act.text} while it exits`);
  const pid = world.pidOf(name);
  const now = world.clock.monotonic();
  const orders = [0, 3, null].flatMap((code) => {
    const endFirst = copyOf(world.belief);
    model.end(endFirst, name, code);
    act.expect(endFirst, now);
    const actFirst = copyOf(world.belief);
    act.expect(actFirst, now);
    const actThenEnd = copyOf(actFirst);
    model.end(actThenEnd, name, code);
    return [endFirst, actFirst, actThenEnd];
  });
  const sent = isAnswered(act.send(world));
  if (isRunning(pid)) tellChild(world.folder, pid, `exit ${pick(choose, [0, 3])}`);
  await sent;
  await world.settle(orders, { gone: [pid] });
}

async function becomeReady(world: World, choose: Choose): Promise<void> {
  const slow = alive(world).filter((name) =>
    ['starting', 'unhealthy'].includes(world.belief.get(name)?.state ?? ''),
  );
  if (slow.length === 0) return pass(world, choose);
  const name = pick(choose, slow);
  world.history.push(`${name} says that it is ready`);
  const belief = copyOf(world.belief);
  model.becomeReady(belief, name);
  tellChild(world.folder, world.pidOf(name), 'up');
  await world.settle([belief]);
}

/** What is planned happens. */
async function pass(world: World, choose: Choose): Promise<void> {
  const ms = pick(choose, [model.RETRY_MS, model.RETRY_MS, model.LATE_MS]);
  world.history.push(`${ms / 1000} s pass`);
  const belief = copyOf(world.belief);
  world.clock.advance(ms);
  model.pass(belief, world.clock.monotonic());
  await world.settle([belief]);
}

async function jump(world: World, choose: Choose): Promise<void> {
  const days = pick(choose, [-730, 365]);
  world.history.push(`the clock jumps by ${days} days`);
  world.clock.jump(days * DAY_MS);
  await world.settle([world.belief]);
}

async function up(world: World, choose: Choose): Promise<void> {
  // Who waits for a restart is waited for, on a clock that only we move.
  if ([...world.belief.values()].some(({ state }) => state === 'backing-off')) await pass(world, choose);
  const isBroken = choose(4) === 0;
  world.history.push(isBroken ? 'up of a project whose first process is missing' : 'up');
  const belief = copyOf(world.belief);
  const missing = new Set<string>();
  for (const [name, kind] of isBroken ? BROKEN : PROJECT) {
    if (kind.dependsOn.some((other) => missing.has(other))) {
      model.stopBecause(belief, name);
      missing.add(name);
    } else if (model.run(belief, name, kind, world.clock.monotonic()) === null) missing.add(name);
  }
  const file = world.projectFile(isBroken);
  const isUp = await isAnswered(
    Promise.resolve(world.bench.call['supervisor.up']({ file }, owner)).then(() => {}),
  );
  expect(isUp).toBe(!isBroken);
  await world.settle([belief]);
}

async function down(world: World): Promise<void> {
  world.history.push('down');
  const belief = copyOf(world.belief);
  for (const [name] of PROJECT) model.stop(belief, name);
  await world.bench.call['supervisor.down']({ file: world.projectFile(false) }, owner);
  await world.settle([belief]);
}

export { anyAct, pick, isAnswered, alive };
export const STEPS: readonly { readonly weight: number; readonly needsLife?: true; readonly play: Step }[] = [
  { weight: 30, play: command },
  { weight: 14, play: together },
  { weight: 12, needsLife: true, play: exit },
  { weight: 6, needsLife: true, play: kill },
  { weight: 6, needsLife: true, play: race },
  { weight: 8, play: becomeReady },
  { weight: 8, play: pass },
  { weight: 1, play: jump },
  { weight: 4, play: up },
  { weight: 2, play: down },
];
export type Step = (world: World, choose: Choose) => Promise<void>;
