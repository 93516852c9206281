import { HostError } from '../../../contract/errors.ts';
import { HANDOFF_FILES, type Handoff, type HandoffRequest } from '../../../contract/handoff.ts';
import { HandoffId } from '../../../contract/ids.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type Log, type RandomSource } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { openContextFolder } from './context-folder.ts';
import { createFingerprints } from './fingerprint.ts';
import { createHandoffStore } from './handoff-store.ts';
import { interruptLeftovers } from './leftovers.ts';
import { createLiveHandoff, type Ending, type LiveHandoff, type StopCause } from './live-handoff.ts';
import { runLoop } from './loop.ts';
import type { AgentList, HandoffRoots, Redactor, TaskDesk, Workspaces } from './ports.ts';
import { prepare, previewOf, type Prepared } from './prepare.ts';
import type { WatchPlan } from './plan-watch.ts';
import { createRunning } from './running.ts';
import { runOnce } from './run-once.ts';
import { runStateText } from './run-state.ts';
import { createTaskEnds } from './task-ends.ts';
import { runWatch } from './watch.ts';

export interface HandoffDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly audit: Auditor;
  readonly log: Log;
  readonly tasks: TaskDesk;
  readonly agents: AgentList;
  readonly workspaces: Workspaces;
  readonly roots: HandoffRoots;
  readonly approver: Approver;
  readonly groups: ProcessGroups;
  readonly watchPlan: WatchPlan;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly hostEpoch: number;
  readonly hostPid: number;
  readonly redactor: () => Redactor;
  /** The outbound gate. */
  readonly sanitize: (text: string) => string;
  readonly keepSecret: (value: string) => void;
}

export interface Handoffs {
  readonly handlers: HandlersOf<'handoff'>;
  /** Every event of the host: those of tasks are needed. */
  heed(event: HostEvent): void;
  /** What a crash left running is interrupted, and stays so. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops everything at once: for a lock-down. */
  stopAll(): Promise<void>;
}

/** Plans from the context directory of a workspace, handed to agents: once, whenever there is one, or in a loop. */
export function createHandoffs(deps: HandoffDeps): Handoffs {
  const { clock, audit, log, sanitize } = deps;
  const store = createHandoffStore(deps.db);
  const running = createRunning({ clock, store });
  const ends = createTaskEnds(deps.tasks);
  const lease = { hostPid: deps.hostPid, hostEpoch: deps.hostEpoch };
  const work = {
    ...deps,
    fingerprints: createFingerprints(deps),
    endOf: ends.endOf,
    completed: ({ now }: LiveHandoff, planSha256: string) =>
      store.complete(now.workspaceId, planSha256, instant(clock.now())),
    isCompleted: ({ now }: LiveHandoff, planSha256: string) => store.isCompleted(now.workspaceId, planSha256),
  };
  let closing = false;

  async function start(request: HandoffRequest, caller: Caller): Promise<Handoff> {
    const made = await prepare(work, request, caller);
    try {
      refuseProblem(request, made);
      const { plan, workspace } = made;
      if (request.kind === 'watch' && request.once && plan && store.isCompleted(workspace.id, plan.sha256))
        throw new HostError(
          'conflict',
          'this plan was completed already; to run it again: signalbox handoff run',
        );
      const id = HandoffId.parse(deps.random.id());
      const handoff = newRecord(request, made, { id, caller, at: instant(clock.now()), sanitize });
      await record(handoff, caller.principal, 'handoff.started');
      if (closing) throw new HostError('unavailable', 'the host stops');
      store.insert(handoff);
      const live = await open(handoff, made, caller);
      running.add(live, carryOut(live, request, made));
      return live.now;
    } catch (error) {
      made.root.close();
      throw error;
    }
  }

  /** The files before anything runs: a folder that cannot be written is found out now. */
  async function open(handoff: Handoff, made: Prepared, caller: Caller): Promise<LiveHandoff> {
    try {
      const folder = await openContextFolder(made.root);
      await folder.write(HANDOFF_FILES.runState, runStateText(handoff, lease, instant(clock.now())));
      const live = createLiveHandoff({ clock, log, store, lease, sanitize }, handoff, { caller, folder });
      live.tell('handoff_started', `${handoff.kind} with ${handoff.agent} in mode ${handoff.mode}`);
      return live;
    } catch (error) {
      const reason = error instanceof HostError ? error.message : 'the context directory cannot be written';
      const endedAt = instant(clock.now());
      store.save({ ...handoff, state: 'failed', reason: sanitize(reason).slice(0, 1024), endedAt });
      throw error;
    }
  }

  async function carryOut(live: LiveHandoff, request: HandoffRequest, made: Prepared): Promise<void> {
    try {
      const ending = await perform(live, request, made).catch((error: unknown) => failed(live, error));
      const cause = live.stoppedBy;
      await live.end(ending.state === 'interrupted' && cause !== null ? interrupted(cause) : ending);
      await record(live.now, 'host', 'handoff.ended');
    } catch (error) {
      log.error(
        { handoffId: live.now.id, error: String(error) },
        'the end of a handoff could not be recorded',
      );
    }
  }

  async function perform(live: LiveHandoff, request: HandoffRequest, made: Prepared): Promise<Ending> {
    if (request.kind === 'watch') return runWatch(work, live, request);
    const { tests, reviewer } = made;
    if (request.kind === 'loop') {
      if (reviewer === null) throw new Error('a loop without a reviewer was let through');
      return runLoop(work, live, request, { tests, reviewer });
    }
    if (made.plan === null) throw new Error('a run without a plan was let through');
    return runOnce(work, live, made.plan, { minutes: request.budgetMinutes });
  }

  function failed(live: LiveHandoff, error: unknown): Ending {
    if (live.signal.aborted) return interrupted(live.stoppedBy);
    if (error instanceof HostError) return { state: 'failed', stopReason: null, reason: error.message };
    log.error({ handoffId: live.now.id, error: String(error) }, 'a handoff failed');
    return {
      state: 'failed',
      stopReason: null,
      reason: 'an internal error; the log of the host explains it',
    };
  }

  function record(handoff: Handoff, actor: string, type: string): Promise<void> {
    const { id, kind, workspaceId, agent, mode, state, stopReason, verdict } = handoff;
    const facts = { kind, workspaceId, agent, mode, state, stopReason, verdict };
    return audit.append({ actor, type, object: id, facts });
  }

  return {
    heed(event) {
      if (event.type !== 'task.changed') return;
      ends.heed(event.task);
      running.heed(event.task);
    },
    start: () => interruptLeftovers({ ...deps, store, lease }),
    async stop() {
      closing = true;
      await running.stopAll('host');
    },
    stopAll: () => running.stopAll('lock-down'),
    handlers: {
      'handoff.preview': async ({ request }, caller) => {
        const made = await prepare(work, request, caller);
        made.root.close();
        return previewOf(deps, request, made);
      },
      'handoff.start': ({ request }, caller) => start(request, caller),
      'handoff.stop': ({ handoffId }) => running.stop(handoffId, 'owner'),
      'handoff.list': ({ limit }) => ({ handoffs: store.list(limit) }),
      'handoff.show': async ({ handoffId, afterSeq, waitMs }, caller) => {
        running.looked(handoffId, caller.principal);
        const live = running.live(handoffId);
        const goesOn = running.known(handoffId).state === 'running';
        if (live && goesOn && waitMs > 0 && live.events(afterSeq).length === 0) await live.nextStep(waitMs);
        running.looked(handoffId, caller.principal);
        return { handoff: running.known(handoffId), events: live?.events(afterSeq) ?? [] };
      },
    },
  };
}

function newRecord(
  request: HandoffRequest,
  { workspace, agent, plan, tests, reviewer }: Prepared,
  by: { id: HandoffId; caller: Caller; at: string; sanitize: (text: string) => string },
): Handoff {
  return {
    ...{ id: by.id, kind: request.kind, state: 'running', mode: request.mode, agent: agent.name },
    ...{ workspaceId: workspace.id, startedBy: by.caller.principal, startedAt: by.at, endedAt: null },
    ...{ iteration: 0, maxIterations: request.kind === 'loop' ? request.maxIterations : null },
    tests: tests === null ? null : tests.map(by.sanitize),
    reviewer: reviewer === null ? null : reviewer.words.map(by.sanitize),
    planSha256: plan?.sha256 ?? null,
    ...{ taskId: null, approvalId: null, verdict: null, stopReason: null, reason: '', iterations: [] },
  };
}

/** A plan that cannot be run is refused at once; only a loop ends with a reason of its own at a form. */
function refuseProblem(request: HandoffRequest, { plan, problem }: Prepared): void {
  if (problem === null) return;
  const isForm = plan !== null;
  if (isForm && (request.kind === 'loop' || (request.kind === 'watch' && !request.once))) return;
  throw problem;
}

const WHY: Readonly<Record<StopCause, string>> = {
  owner: 'it was stopped',
  left: 'whoever started it is gone',
  host: 'the host was stopped',
  'lock-down': 'the host was locked down',
};

const interrupted = (cause: StopCause | null): Ending => ({
  state: 'interrupted',
  stopReason: 'interrupted',
  reason: WHY[cause ?? 'owner'],
});
