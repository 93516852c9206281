import type {
  Handoff,
  HandoffEvent,
  HandoffEventName,
  HandoffIteration,
  HandoffState,
  StopReason,
} from '../../../contract/handoff.ts';
import { HANDOFF_FILES, MAX_ITERATIONS } from '../../../contract/handoff.ts';
import type { ApprovalId, TaskId } from '../../../contract/ids.ts';
import type { Caller } from '../../kernel/caller.ts';
import { instant, type Clock, type Log } from '../../kernel/ports.ts';
import type { ContextFolder } from './context-folder.ts';
import type { HandoffStore } from './handoff-store.ts';
import { runStateText, type Lease } from './run-state.ts';

const MAX_EVENTS = 500;

/** How a handoff ended. */
export interface Ending {
  readonly state: Exclude<HandoffState, 'running'>;
  readonly stopReason: StopReason | null;
  readonly reason: string;
}

/** Why a handoff is stopped before its end. `host`: the host ends, and what runs ends with it. */
export type StopCause = 'owner' | 'left' | 'host' | 'lock-down';

/** One handoff while it runs: its record, its steps, and the files that tell of them. */
export interface LiveHandoff {
  readonly now: Handoff;
  readonly caller: Caller;
  readonly folder: ContextFolder;
  /** Aborted when it is stopped. */
  readonly signal: AbortSignal;
  readonly stoppedBy: StopCause | null;
  stop(cause: StopCause): void;
  /** On the disk first, then told. */
  change(part: Partial<Handoff>): void;
  addIteration(iteration: HandoffIteration): void;
  tell(event: HandoffEventName, text: string, about?: { approvalId?: ApprovalId; taskId?: TaskId }): void;
  end(ending: Ending): Promise<void>;
  events(afterSeq: number): HandoffEvent[];
  /** Resolves at the next step, or after `ms`. */
  nextStep(ms: number): Promise<void>;
}

export interface LiveHandoffDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: HandoffStore;
  readonly lease: Lease;
  /** The outbound gate. */
  readonly sanitize: (text: string) => string;
}

export function createLiveHandoff(
  deps: LiveHandoffDeps,
  first: Handoff,
  { caller, folder }: { caller: Caller; folder: ContextFolder },
): LiveHandoff {
  const { clock, log, store, sanitize } = deps;
  const stopped = new AbortController();
  const steps: HandoffEvent[] = [];
  const waiters = new Set<() => void>();
  let handoff = first;
  let seq = 0;
  let cause: StopCause | null = null;

  /** Telling of a step is not the step: a file that cannot be written is a matter of the log. */
  const keepGoing = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      log.warn({ handoffId: handoff.id, error: String(error) }, 'a file of a handoff could not be written');
    });
  function writeRunState(): void {
    const text = runStateText(handoff, deps.lease, instant(clock.now()));
    void keepGoing(folder.write(HANDOFF_FILES.runState, text));
  }
  function wake(): void {
    for (const waiter of [...waiters]) waiter();
  }
  function change(part: Partial<Handoff>): void {
    handoff = { ...handoff, ...part };
    store.save(handoff);
    writeRunState();
    wake();
  }
  function tell(
    event: HandoffEventName,
    text: string,
    { approvalId = null, taskId = null }: { approvalId?: ApprovalId | null; taskId?: TaskId | null } = {},
  ): void {
    const { iteration, id, planSha256 } = handoff;
    const at = instant(clock.now());
    const line = sanitize(text).slice(0, 1024);
    steps.push({ seq: (seq += 1), at, event, iteration, text: line, approvalId, taskId });
    if (steps.length > MAX_EVENTS) steps.shift();
    const facts = {
      ts: at,
      event,
      handoff: id,
      iteration,
      planHash: planSha256,
      taskId,
      approvalId,
      text: line,
    };
    void keepGoing(folder.addLogLine(facts));
    wake();
  }

  return {
    caller,
    folder,
    signal: stopped.signal,
    change,
    tell,
    get now() {
      return handoff;
    },
    get stoppedBy() {
      return cause;
    },
    stop(by) {
      cause ??= by;
      stopped.abort();
    },
    addIteration: (iteration) =>
      change({ iterations: [...handoff.iterations, iteration].slice(-MAX_ITERATIONS) }),
    async end({ state, stopReason, reason }) {
      const said = sanitize(reason).slice(0, 1024);
      const endedAt = instant(clock.now());
      const final: Handoff = { ...handoff, state, stopReason, reason: said, approvalId: null, endedAt };
      tell('handoff_finished', `${state}${stopReason === null ? '' : ` (${stopReason})`}: ${said}`);
      // The files first: whoever is told of the end finds it in them.
      await keepGoing(folder.write(HANDOFF_FILES.runState, runStateText(final, deps.lease, endedAt)));
      handoff = final;
      store.save(final);
      wake();
    },
    events: (afterSeq) => steps.filter((step) => step.seq > afterSeq),
    nextStep: (ms) =>
      new Promise((resolve) => {
        const done = () => {
          waiters.delete(done);
          cancel();
          resolve();
        };
        const cancel = clock.after(ms, done);
        waiters.add(done);
      }),
  };
}
