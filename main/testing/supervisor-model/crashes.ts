import { ended, isRunning } from '../real-processes.ts';
import { BROKEN, PROJECT, tellChild } from './children.ts';
import * as model from './model.ts';
import { copyOf, isAlive } from './model.ts';
import { alive, anyAct, isAnswered, pick, type Choose, type Step } from './steps.ts';
import type { World } from './world.ts';

/** What was told is on the disk a turn later. */
async function written(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function killShim(world: World): Promise<boolean> {
  const shim = world.bench.supervisor.shimPid();
  if (shim === null || !isRunning(shim)) return false;
  process.kill(shim, 'SIGKILL');
  await ended(shim);
  return true;
}

/** A host that ends in good order, and the next one. */
async function restartHost(world: World): Promise<void> {
  world.history.push('the host is stopped and started');
  const belief = copyOf(world.belief);
  await world.bench.supervisor.stop();
  world.bench.db.close();
  model.comeBack(belief);
  await world.open();
  await world.settle([belief]);
}

/** A host that is killed while nothing is under way; meanwhile some of its processes may end, and the shim too. */
async function killHost(world: World, choose: Choose): Promise<void> {
  const belief = copyOf(world.belief);
  const afterCrash = choose(6) === 0 ? 'stop' : 'adopt';
  // Who ends while the next host comes may be ended by it first.
  const chosen = afterCrash === 'stop' ? [] : alive(world).filter(() => choose(4) === 0);
  // Of a project one alone: which of two ends comes first decides what becomes of those that depend on them.
  const project = chosen.filter((name) => world.belief.get(name)?.kind.project === true);
  const ending = chosen.filter((name) => !project.slice(1).includes(name));
  // Of some the code may be known and of others not: with a failure that makes no difference.
  const code = ending.length === 1 ? pick(choose, [0, 3]) : 3;
  const pids = new Map(ending.map((name) => [name, world.pidOf(name)]));
  const isShimToo = choose(4) === 0;
  const who = `the host${isShimToo ? ' and the shim are' : ' is'} killed (${afterCrash})`;
  world.history.push(`${who}, meanwhile ${ending.join(', ') || 'nobody'} exits with ${code}`);
  await written();
  await world.bench.vanish();
  for (const pid of pids.values()) tellChild(world.folder, pid, `exit ${code}`);
  await ended(...pids.values());
  const isShimDead = isShimToo && (await killShim(world));
  model.takeOver(belief, 'adopt');
  const beliefs = [code, null].map((known) => {
    const one = copyOf(belief);
    for (const name of ending) model.end(one, name, known);
    if (afterCrash === 'stop')
      for (const [name, { state }] of one) if (isAlive({ state })) model.stopBecause(one, name);
    return one;
  });
  await world.open(afterCrash);
  await world.settle(isShimDead ? beliefs.slice(1) : beliefs, { isCrash: true });
}

/** The shim is killed, and another takes over. */
async function replaceShim(world: World): Promise<void> {
  world.history.push('the shim is killed');
  await killShim(world);
  await world.settle([world.belief]);
}

/** The host or its shim is killed in the middle of what it was told to do. */
async function crash(world: World, choose: Choose): Promise<void> {
  const acts = [anyAct(choose, world.belief.keys())];
  for (let more = choose(3); more > 0; more -= 1) acts.push(anyAct(choose));
  const what = pick(choose, ['host', 'host', 'shim', 'both'] as const);
  world.history.push(`${what} killed during ${acts.map((act) => act.text).join(' & ')}`);
  const touched = new Set<string>();
  const predicted = copyOf(world.belief);
  for (const act of acts) {
    act.expect(predicted, world.clock.monotonic());
    for (const name of act.name === null ? world.belief.keys() : [act.name]) touched.add(name);
  }
  // What depends on one that was touched may have been stopped because of it.
  for (const [name, kind] of [...PROJECT, ...BROKEN]) {
    if (world.belief.has(name) && kind.dependsOn.some((other) => touched.has(other))) touched.add(name);
  }
  await written();
  const sent = acts.map((act) => isAnswered(act.send(world)));
  for (let turns = choose(12); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  if (what !== 'shim') await world.bench.vanish();
  if (what !== 'host') await killShim(world);
  if (what === 'shim') await Promise.all(sent);
  else {
    model.takeOver(world.belief, 'adopt');
    model.takeOver(predicted, 'adopt');
    await world.open();
  }
  for (const name of touched) {
    const one = predicted.get(name);
    if (one) world.belief.set(name, { ...one });
  }
  await world.settleAfterCrash(touched);
}

export const CRASHES: readonly { readonly weight: number; readonly play: Step }[] = [
  { weight: 3, play: restartHost },
  { weight: 5, play: killHost },
  { weight: 1, play: replaceShim },
  { weight: 5, play: crash },
];
