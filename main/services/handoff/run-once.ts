import type { StopReason } from '../../../contract/handoff.ts';
import { executePlan, type ExecuteDeps, type Leave } from './execute-plan.ts';
import type { Ending, LiveHandoff } from './live-handoff.ts';
import type { ExecutorEnd } from './loop-machine.ts';
import type { Plan } from './plan.ts';

export interface RunOnceDeps extends ExecuteDeps {
  completed(live: LiveHandoff, planSha256: string): void;
}

const ENDS: Readonly<Record<ExecutorEnd, { state: Ending['state']; stopReason: StopReason | null }>> = {
  done: { state: 'completed', stopReason: null },
  failed: { state: 'failed', stopReason: 'executor_failed' },
  timed_out: { state: 'timed_out', stopReason: 'timed_out' },
  cancelled: { state: 'failed', stopReason: 'human_cancelled' },
  interrupted: { state: 'interrupted', stopReason: 'interrupted' },
};

/** Hands one plan to the agent and says how that ended; a plan is completed only where the agent ended well. */
export async function runOnce(
  deps: RunOnceDeps,
  live: LiveHandoff,
  plan: Plan,
  options: { minutes: number | undefined; leave?: Leave },
): Promise<Ending> {
  const { taskId, executor, reason, changed } = await executePlan(deps, live, plan, options);
  live.addIteration({
    ...{ iteration: live.now.iteration, planSha256: plan.sha256, taskId, executor, changed },
    ...{ testsExitCode: null, testsPassed: null, reviewExitCode: null, verdict: null },
  });
  if (executor === 'done') deps.completed(live, plan.sha256);
  const said = executor === 'done' ? 'the agent has carried out the plan' : reason;
  return { ...ENDS[executor], reason: said === '' ? 'it was stopped' : said };
}
