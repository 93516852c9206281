import { HostError } from '../../../contract/errors.ts';
import type { HandoffRequest } from '../../../contract/handoff.ts';
import type { Permit } from '../../kernel/approver.ts';
import { askPerson, type AskPersonDeps } from './ask-person.ts';
import type { Ending, LiveHandoff } from './live-handoff.ts';
import { readPlan, type Plan } from './plan.ts';
import type { WatchPlan } from './plan-watch.ts';
import { runOnce, type RunOnceDeps } from './run-once.ts';

export interface WatchDeps extends RunOnceDeps, AskPersonDeps {
  readonly watchPlan: WatchPlan;
  isCompleted(live: LiveHandoff, planSha256: string): boolean;
}

export type WatchRequest = Extract<HandoffRequest, { kind: 'watch' }>;

/** Changes of the plan, kept until somebody asks for them. */
interface Changes {
  /** Resolves when every change is seen, or none will be any more. */
  readonly ready: Promise<void>;
  /** Resolves at the next change, at once for one that nobody has asked for yet, and when `signal` aborts. */
  next(signal: AbortSignal): Promise<void>;
  failure(): string | null;
}

/**
 * Follows the plan until it is stopped. Each plan is a question first, for writing the file is not leave to run it; one
 * that was completed is never run again, one that failed or was refused is asked again only when it is written again.
 */
export async function runWatch(deps: WatchDeps, live: LiveHandoff, request: WatchRequest): Promise<Ending> {
  const { changes, end } = watchChanges(deps, live);
  /** The plan that was dealt with last: it is not asked twice for one writing. */
  let before: Plan | null = null;
  try {
    // First the watch, then the look: a plan that comes in between is seen by one of them.
    await changes.ready;
    while (!isAborted(live.signal)) {
      const failure = changes.failure();
      if (failure !== null)
        return { state: 'failed', stopReason: null, reason: `the plan cannot be watched: ${failure}` };
      const plan = await newPlan(deps, live);
      if (plan !== null) {
        const ending = await handle(deps, live, { plan, before, changes, request });
        if (ending === 'changed') continue;
        if (request.once) return ending;
        before = plan;
      }
      await changes.next(live.signal);
    }
    return stopped();
  } finally {
    end();
  }
}

/** Asked anew after each wait: the signal may have changed meanwhile. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const stopped = (): Ending => ({ state: 'interrupted', stopReason: 'interrupted', reason: 'it was stopped' });

/** The plan that stands there, if it is one to ask for. */
async function newPlan(deps: WatchDeps, live: LiveHandoff): Promise<Plan | null> {
  let plan: Plan;
  try {
    plan = await readPlan(live.folder.root);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code !== 'not_found') live.tell('plan_skipped', error.message);
    return null;
  }
  if (!plan.usable) live.tell('plan_skipped', 'the plan is a form that nobody has filled in');
  else if (deps.isCompleted(live, plan.sha256)) live.tell('plan_skipped', 'this plan was completed already');
  else {
    live.tell('plan_found', plan.title);
    return plan;
  }
  return null;
}

/** Asks and runs. `changed`: the file is another one by now, and nothing was run. */
async function handle(
  deps: WatchDeps,
  live: LiveHandoff,
  {
    plan,
    before,
    changes,
    request,
  }: { plan: Plan; before: Plan | null; changes: Changes; request: WatchRequest },
): Promise<Ending | 'changed'> {
  const withdraw = new AbortController();
  const answered = new AbortController();
  const changedMeanwhile = withdrawWhenChanged(live, plan, changes, { withdraw, answered: answered.signal });
  const title = `Let ${live.now.agent} carry out the plan: ${plan.title}`.slice(0, 256);
  const question = { plan, before, title, event: 'plan_asked', signal: withdraw.signal } as const;
  const { answer, factsNow } = await askPerson(deps, live, question);
  answered.abort();
  await changedMeanwhile;
  if (answer.effect === 'deny') {
    if (isAborted(live.signal)) return stopped();
    if (withdraw.signal.aborted) return 'changed';
    live.tell('plan_refused', `${answer.reason}; write it again, or run it yourself: signalbox handoff run`);
    return { state: 'failed', stopReason: 'human_cancelled', reason: answer.reason };
  }
  const permit: Permit = answer;
  try {
    return await runOnce(deps, live, plan, {
      minutes: request.budgetMinutes,
      leave: (submit) => permit.execute(factsNow, submit),
    });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === 'stale') return 'changed';
    // One plan that cannot be handed over does not end the watch.
    live.tell('plan_refused', error.message);
    return { state: 'failed', stopReason: 'executor_failed', reason: error.message };
  }
}

/** Takes the question back as soon as the file is another one than was asked for. */
async function withdrawWhenChanged(
  live: LiveHandoff,
  plan: Plan,
  changes: Changes,
  { withdraw, answered }: { withdraw: AbortController; answered: AbortSignal },
): Promise<void> {
  const until = AbortSignal.any([answered, live.signal]);
  while (!isAborted(until) && !withdraw.signal.aborted) {
    await changes.next(until);
    if (isAborted(until)) return;
    const now = await readPlan(live.folder.root).catch(() => null);
    if (now?.sha256 !== plan.sha256) withdraw.abort();
  }
}

function watchChanges({ watchPlan }: WatchDeps, live: LiveHandoff): { changes: Changes; end: () => void } {
  let pending = false;
  let failure: string | null = null;
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  let wake = () => {};
  const end = watchPlan(live.folder.root.path, {
    ready: () => isReady(),
    changed() {
      pending = true;
      wake();
    },
    failed(reason) {
      failure = reason;
      pending = true;
      isReady();
      wake();
    },
  });
  live.signal.addEventListener('abort', () => isReady(), { once: true });
  if (live.signal.aborted) isReady();
  const changes: Changes = {
    ready,
    failure: () => failure,
    next: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          if (!pending && !signal.aborted) return;
          if (!signal.aborted) pending = false;
          signal.removeEventListener('abort', done);
          wake = () => {};
          resolve();
        };
        wake = done;
        signal.addEventListener('abort', done);
        done();
      }),
  };
  return { changes, end };
}
