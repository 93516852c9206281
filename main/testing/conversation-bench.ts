import { expect, onTestFinished } from 'vitest';
import type { ParsedInputOf } from '../../contract/commands.ts';
import type { Task } from '../../contract/tasks.ts';
import { ownerCaller, type Caller } from '../kernel/caller.ts';
import { scriptedAgent, type Behaviour, type ScriptedAgent } from './scripted-agent.ts';
import { taskBench, type BenchOptions } from './tasks-bench.ts';

export const owner = ownerCaller('cli');
let keys = 0;

/** The tasks service with agents that do what the test says, stopped when the test is over. */
export async function bench(behaviour: Behaviour = {}, options: BenchOptions = {}) {
  const agents: ScriptedAgent[] = [];
  const on = await taskBench({
    launch() {
      const agent = scriptedAgent(behaviour);
      agents.push(agent);
      return agent;
    },
    ...options,
  });
  onTestFinished(on.stop);
  on.tasks.start();
  /** The newest agent, once it was prompted. */
  async function prompted(count = 1): Promise<ScriptedAgent> {
    await expect.poll(() => agents.at(-1)?.prompts.length ?? 0).toBe(count);
    return agents.at(-1) as ScriptedAgent;
  }
  return { ...on, on, agents, prompted };
}

export type Made = Awaited<ReturnType<typeof bench>>;

/** A task with a key of its own. */
export function submit(
  { on }: Made,
  more: Partial<ParsedInputOf<'tasks.submit'>> = {},
  caller: Caller = owner,
): Promise<Task> {
  const input = {
    agent: 'demo',
    workspace: 'ws-1',
    text: 'go',
    budget: {},
    idempotencyKey: `key-${(keys += 1)}-long`,
  };
  return Promise.resolve(on.tasks.handlers['tasks.submit']({ ...input, ...more }, caller));
}
