import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Agent } from '../../contract/agents.ts';
import { HostError } from '../../contract/errors.ts';
import { WorkspaceId } from '../../contract/ids.ts';
import type { Task } from '../../contract/tasks.ts';
import type { Workspace } from '../../contract/workspaces.ts';
import { openRoot } from '../guard/path-guard.ts';
import { createSandbox } from '../guard/sandbox.ts';
import { openDatabase, type Database } from '../kernel/database.ts';
import { createProcessGroups } from '../kernel/process-groups.ts';
import { fakeApprover, fakeBook } from '../services/tasks/fakes.ts';
import { createTasks, type Tasks } from '../services/tasks/tasks.ts';
import { handClock, realRandom, type HandClock, silentLog } from './fake-ports.ts';
import { scriptedAgent, type ScriptedAgent } from './scripted-agent.ts';
import { seeded } from './seeded.ts';

export const AT_ONCE = 3;
const PER_AGENT = 2;
export const AGENTS = ['alpha', 'beta'];
export const PLACES = ['ws-1', 'ws-2', 'ws-3'];

/** A host that can be killed between any two writes: from then on nothing that it does reaches the disk or anybody. */
export interface MortalHost {
  readonly tasks: Tasks;
  readonly db: Database;
  dead: boolean;
  /** It dies at this write, before or after it is on the disk; null: it does not. */
  diesIn: { readonly writes: number; readonly after: boolean } | null;
}

export class Killed extends Error {}

/** All that outlives a host: the disk, the clock, the people, and what was seen. */
export interface TaskWorld {
  readonly home: string;
  readonly clock: HandClock;
  readonly pick: (below: number) => number;
  readonly workspaces: readonly Workspace[];
  /** Agents that live, by task. */
  readonly agents: Map<string, { readonly agent: ScriptedAgent; readonly host: MortalHost }>;
  /** How often each task that was started was given its words. */
  readonly prompts: Map<string, number>;
  /** People who have not answered. */
  readonly answers: ((word: 'allow' | 'deny') => void)[];
  /** Told of every state that is published. */
  watch: (task: Task) => void;
}

export function taskWorld(seed: number): TaskWorld {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-task-model-')));
  const workspaces = PLACES.map((name) => ({
    id: WorkspaceId.parse(name),
    name,
    path: realpathSync(mkdtempSync(join(home, `${name}-`))),
    trusted: true,
    addedAt: new Date(0).toISOString(),
  }));
  return {
    ...{ home, workspaces, clock: handClock(), pick: seeded(seed) },
    ...{ agents: new Map(), prompts: new Map(), answers: [], watch: () => {} },
  };
}

/** The real service on the database file of the world. */
export function startMortalHost(world: TaskWorld): MortalHost {
  const inner = openDatabase(join(world.home, 'state.db'));
  const db = mortal(inner, () => host);
  const { clock, workspaces, answers } = world;
  const tasks = createTasks({
    ...{ db, clock, sandbox, random: realRandom, log: silentLog },
    groups: createProcessGroups({ db, clock, log: silentLog }),
    approver: fakeApprover(() => new Promise((resolve) => answers.push(resolve))),
    // Sessions that were open when a host died are ended when the next begins.
    sessions: fakeBook(world.home),
    publish(event) {
      if (!host.dead && event.type === 'task.changed') world.watch(event.task);
    },
    audit: { append: () => Promise.resolve() },
    agents: {
      list: async () => AGENTS.map(agentNamed),
      launch: async (_name, { label }) => launch(world, host, label.replace('task ', '')),
      bridgeFor: () => null,
    },
    workspaces: {
      resolve(ref) {
        const found = workspaces.find(({ name }) => name === ref);
        if (!found) throw new HostError('not_found', ref);
        return found;
      },
      byId: (id) => workspaces.find((one) => one.id === id) ?? null,
    },
    roots: { open: (path) => openRoot(path) },
    sanitize: (text) => text,
    sanitizeDiff: (text) => text,
    part: (text, from, to) => text.slice(from, to),
    redactor: () => ({ push: (chunk) => Buffer.from(chunk).toString(), end: () => '' }),
    settings: () => ({ atOnce: AT_ONCE, perAgent: PER_AGENT, agents: {}, idleMinutes: 30, maxMinutes: 240 }),
    predefined: { actions: () => [], logSources: () => [] },
    hostEnv: {},
    scratchDir: join(world.home, 'trees'),
  });
  const host: MortalHost = { tasks, db: inner, dead: false, diesIn: null };
  survive(() => tasks.start());
  return host;
}

/** Does something that may be the death of a host. */
export function survive(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

const sandbox = createSandbox();

function launch(world: TaskWorld, host: MortalHost, id: string): ScriptedAgent {
  if (host.dead) throw new Killed('this host is dead');
  expect(world.prompts.has(id), `${id} was started twice`).toBe(false);
  world.prompts.set(id, 0);
  const working = [...world.agents.values()].filter((one) => one.host === host && one.agent.isAlive());
  expect(working.length).toBeLessThan(AT_ONCE);
  const agent = scriptedAgent({ deaf: world.pick(30) === 0, stubborn: world.pick(10) === 0 });
  world.agents.set(id, { agent, host });
  return agent;
}

const agentNamed = (name: string): Agent => ({
  ...{ id: name, name, title: name, source: 'user', state: 'available', argv: ['x'] },
  ...{
    envNames: [],
    inherits: [],
    version: null,
    login: 'unknown',
    loginNote: '',
    keyVariable: null,
    mcp: false,
  },
});

function mortal(inner: Database, self: () => MortalHost): Database {
  const alive = <T>(work: () => T): T => {
    if (self().dead) throw new Killed('this host is dead');
    return work();
  };
  const write = <T>(work: () => T): T =>
    alive(() => {
      const host = self();
      if (host.diesIn === null) return work();
      const { writes, after } = host.diesIn;
      host.diesIn = { writes: writes - 1, after };
      if (writes > 1) return work();
      if (after) work();
      host.dead = true;
      throw new Killed('killed at a write');
    });
  return {
    run: (sql, ...values) => write(() => inner.run(sql, ...values)),
    get: (sql, ...values) => alive(() => inner.get(sql, ...values)),
    all: (sql, ...values) => alive(() => inner.all(sql, ...values)),
    transaction: (work) => alive(() => inner.transaction(work)),
    close: () => inner.close(),
  };
}
