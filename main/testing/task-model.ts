import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import { TaskId } from '../../contract/ids.ts';
import type { Task } from '../../contract/tasks.ts';
import { ownerCaller } from '../kernel/caller.ts';
import {
  AGENTS,
  Killed,
  PLACES,
  startMortalHost,
  survive,
  taskWorld,
  type MortalHost,
  type TaskWorld,
} from './mortal-task-host.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

const owner = ownerCaller('cli');

/** What may follow what. Whatever is not here is final. */
const NEXT: Partial<Record<Task['state'], readonly Task['state'][]>> = {
  queued: ['queued', 'running', 'failed', 'cancelled'],
  running: ['running', 'waiting', 'done', 'failed', 'cancelled', 'interrupted'],
  waiting: ['running', 'waiting', 'done', 'failed', 'cancelled', 'interrupted'],
};
const FORWARD = ['queued', 'delivered', 'accepted', 'running'];
const hasEnded = ({ state }: Task): boolean => !(state in NEXT);

export interface TaskCampaign {
  readonly steps: number;
  readonly submitted: number;
  readonly prompted: number;
  readonly hostKills: number;
  readonly agentKills: number;
  readonly ends: Readonly<Record<string, number>>;
}

interface Wish {
  readonly text: string;
  readonly agent: string;
  readonly workspace: string;
  /** The task that was answered for it. */
  id: string | null;
}

interface Model {
  readonly world: TaskWorld;
  readonly steps: number;
  /** The last state that anybody was shown, by task. */
  readonly seen: Map<string, Task>;
  readonly wishes: Map<string, Wish>;
  readonly loose: Promise<unknown>[];
  host: MortalHost;
  hostKills: number;
  agentKills: number;
}

/** Plays random steps against the real service on a real database file, and watches every state that is published. */
export async function taskCampaign(steps: number, seed: number): Promise<TaskCampaign> {
  const world = taskWorld(seed);
  const seen = new Map<string, Task>();
  world.watch = (task) => watch(seen, task);
  const counts = { hostKills: 0, agentKills: 0 };
  const model: Model = {
    ...{ world, steps, seen, wishes: new Map(), loose: [], ...counts },
    host: startMortalHost(world),
  };
  const moves = [...personMoves(model), ...agentMoves(model), ...hostMoves(model)];
  for (let step = 0; step < steps; step += 1) {
    try {
      await moves[world.pick(moves.length)]?.();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await turns(world, 1 + world.pick(6));
    if (model.host.dead) await revive(model);
  }
  await drain(model);
  const ends = await judge(model);
  await Promise.all(model.loose);
  model.host.dead = true;
  model.host.db.close();
  rmSync(world.home, { recursive: true, force: true });
  const prompted = [...world.prompts.values()].reduce((sum, count) => sum + count, 0);
  const { hostKills, agentKills } = model;
  return { steps, submitted: seen.size, prompted, hostKills, agentKills, ends };
}

function watch(seen: Map<string, Task>, task: Task): void {
  const before = seen.get(task.id);
  seen.set(task.id, task);
  if (!before) return;
  if (before.revision === task.revision) {
    // A host that begins shows again what is on its disk.
    expect(task).toEqual(before);
    return;
  }
  expect(task.revision, `${task.id}: ${before.state} → ${task.state}`).toBeGreaterThan(before.revision);
  const next = task.revision === before.revision + 1 ? NEXT[before.state] : reachable(before.state);
  expect(next ?? [], `${before.state} → ${task.state}`).toContain(task.state);
  const [from, to] = [FORWARD.indexOf(before.delivery), FORWARD.indexOf(task.delivery)];
  if (to >= 0) expect(to).toBeGreaterThanOrEqual(from);
}

/** Where a state may have come to when somebody was killed between a write and the news of it. */
function reachable(from: Task['state']): readonly Task['state'][] {
  const ahead = NEXT[from] ?? [];
  return from === 'queued' ? [...ahead, ...(NEXT.running ?? [])] : ahead;
}

/** Lets what is under way go on, here and there also in the middle. */
async function turns({ agents, prompts }: TaskWorld, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  for (const [id, { agent }] of agents) {
    const texts = agent.prompts.filter((text) => text.startsWith('task:'));
    prompts.set(id, texts.length);
    if (texts.length > 1) throw new Error(`${id} was prompted twice`);
    // What has ended can do nothing more.
    if (!agent.isAlive()) agents.delete(id);
  }
}

/** Ends the host as SIGKILL does, and its agents as the next start does; then the next host begins. */
async function revive(model: Model): Promise<void> {
  const { world, host } = model;
  model.hostKills += 1;
  host.dead = true;
  for (const one of world.agents.values()) if (one.host === host) one.agent.die('SIGKILL');
  world.answers.length = 0;
  await turns(world, 2);
  host.db.close();
  model.host = startMortalHost(world);
}

/** Somebody asks the host and does not wait; an answer of a host that died meanwhile reaches nobody. */
function call<T>(model: Model, work: () => T | Promise<T>, done: (result: T) => void = () => {}): void {
  const { host } = model;
  const answered = (async () => work())().then(
    (result) => {
      if (!host.dead) done(result);
    },
    () => {},
  );
  model.loose.push(answered);
}

function submit(model: Model, key: string): void {
  const wish = model.wishes.get(key);
  if (!wish) return;
  const { agent, workspace, text } = wish;
  const input = { agent, workspace, text, mode: 'ask' as const, budget: {}, idempotencyKey: key };
  call(
    model,
    () => model.host.tasks.handlers['tasks.submit'](input, owner),
    (task) => {
      // The same key never makes two tasks, also not across a crash.
      if (wish.id !== null) expect(task.id).toBe(wish.id);
      wish.id = task.id;
    },
  );
}

type Move = () => void | Promise<void>;
const keyOf = (count: number): string => `key-${String(count).padStart(8, '0')}`;

function personMoves(model: Model): Move[] {
  const { world, wishes, seen, steps } = model;
  const { pick, answers } = world;
  const known = (): TaskId | null => {
    const recent = [...seen.keys()].slice(-12);
    return recent.length === 0 ? null : TaskId.parse(recent[pick(recent.length)]);
  };
  const onOne = (work: (taskId: TaskId) => unknown): Move => {
    return () => {
      const taskId = known();
      if (taskId !== null) call(model, () => work(taskId));
    };
  };
  return [
    () => {
      if ([...seen.values()].filter((task) => !hasEnded(task)).length > 40) return;
      const key = keyOf(wishes.size);
      const agent = AGENTS[pick(AGENTS.length)] ?? 'alpha';
      const workspace = PLACES[pick(PLACES.length)] ?? 'ws-1';
      wishes.set(key, { text: `task:${key}`, agent, workspace, id: null });
      submit(model, key);
      if (pick(4) === 0) submit(model, key);
    },
    () => submit(model, keyOf(pick(wishes.size + 1))),
    () => answers.shift()?.(pick(2) === 0 ? 'allow' : 'deny'),
    onOne((taskId) => model.host.tasks.handlers['tasks.cancel']({ taskId }, owner)),
    onOne((taskId) => model.host.tasks.handlers['tasks.steer']({ taskId, text: 'rather this' }, owner)),
    onOne((taskId) => {
      if (wishes.size > steps / 4) return;
      const input = { taskId, idempotencyKey: `retry-${taskId}` };
      return model.host.tasks.handlers['tasks.retry'](input, owner);
    }),
    () => model.host.tasks.pause(),
    () => survive(() => model.host.tasks.resume()),
  ];
}

function agentMoves(model: Model): Move[] {
  const { agents, pick } = model.world;
  const working = (): ScriptedAgent | null => {
    const alive = [...agents.values()].filter(({ agent }) => agent.isAlive());
    return alive[pick(alive.length)]?.agent ?? null;
  };
  return [
    () => working()?.say('hello '),
    () => working()?.finish('end_turn'),
    () => working()?.finish('end_turn'),
    () => working()?.fail('no more'),
    () => working()?.ask('make test'),
    () => working()?.write('{"jsonrpc":"2.0",\nnull\n[]\n{"id":99,"result":{}}\n'),
    () => {
      const agent = working();
      if (!agent) return;
      model.agentKills += 1;
      agent.die(pick(2) === 0 ? 'SIGKILL' : 'SIGSEGV');
    },
  ];
}

function hostMoves(model: Model): Move[] {
  const { clock, pick } = model.world;
  return [
    () => clock.advance(pick(20) === 0 ? 60_000 * 31 : pick(12_000)),
    () => clock.advance(400),
    () => {
      if (pick(3) === 0) model.host.diesIn = { writes: 1 + pick(6), after: pick(2) === 0 };
    },
    () => (pick(4) === 0 ? revive(model) : undefined),
    async () => {
      if (pick(4) !== 0) return;
      const stop = { over: false };
      const stopped = model.host.tasks
        .stop()
        .catch(() => {})
        .finally(() => (stop.over = true));
      // A stop waits for agents, and they for a clock that only this moves.
      while (!stop.over) {
        await turns(model.world, 1);
        clock.advance(400);
      }
      await stopped;
      await revive(model);
    },
  ];
}

/** Everything that waits is let go on, until nothing waits any more. */
async function drain(model: Model): Promise<void> {
  const { world, wishes, seen, host } = model;
  host.diesIn = null;
  for (const key of wishes.keys()) submit(model, key);
  for (let round = 0; round < 20_000; round += 1) {
    host.tasks.resume();
    for (const answer of world.answers.splice(0)) answer('allow');
    for (const { agent } of world.agents.values()) if (agent.isPrompted()) agent.finish('end_turn');
    await turns(world, 3);
    world.clock.advance(2000);
    if ([...seen.values()].every(hasEnded) && [...wishes.values()].every(({ id }) => id !== null)) break;
    // Only so many wait at a time: who was turned away comes again.
    if (round % 50 === 49) for (const [key, { id }] of wishes) if (id === null) submit(model, key);
  }
  await turns(world, 5);
}

/** None is lost, all have ended, and what is said of their delivery is true. Answers how they ended. */
async function judge({ wishes, seen, host, world }: Model): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  for (const { id } of wishes.values()) {
    expect(id, 'a task that was submitted is lost').not.toBeNull();
    expect(seen.has(id ?? ''), 'a task was never shown').toBe(true);
  }
  for (const shown of seen.values()) {
    const task = await host.tasks.handlers['tasks.get']({ taskId: shown.id }, owner);
    expect(task).toEqual(shown);
    expect(hasEnded(task), `${task.id} has not ended: ${task.state}`).toBe(true);
    const given = world.prompts.get(task.id) ?? 0;
    if (task.delivery === 'never') expect(given).toBe(0);
    if (given > 0) expect(['done', 'unknown']).toContain(task.delivery);
    if (task.state === 'done') expect(given).toBe(1);
    ends[task.state] = (ends[task.state] ?? 0) + 1;
  }
  return ends;
}
