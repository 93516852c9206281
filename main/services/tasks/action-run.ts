import type { ParsedInputOf, OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ApprovalId } from '../../../contract/ids.ts';
import type { ActionRun } from '../../../contract/predefined.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import { createHeadAndTail } from '../../guard/head-and-tail.ts';
import { createWaiters } from './waiters.ts';

const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Pieces that come close together are one answer to those who wait. */
const GATHER_MS = 30;
/** A run that is there for its reader alone is stopped when nobody has read it for so long. */
const UNREAD_MS = 30_000;

export interface ActionEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
}

/** What the command itself tells of while it runs. */
export interface ActionWitness {
  /** Aborted: the command has to end. */
  readonly signal: AbortSignal;
  started(approvalId: ApprovalId | null): void;
  /** What it printed, redacted. */
  printed(text: string): void;
}

export type LiveRun = ReturnType<typeof createActionRun>;

type First = Pick<ActionRun, 'id' | 'name' | 'startedBy'>;
type ReadInput = ParsedInputOf<'tasks.readActionOutput'>;

/**
 * One run of a predefined command: its state, what it prints, and those who wait for more. It goes from `waiting` to
 * `running` to `ended`, or to `refused`, and never back.
 */
export function createActionRun(
  { clock }: { clock: Clock },
  first: First,
  whenUnread: 'continue' | 'stop',
  work: (witness: ActionWitness) => Promise<ActionEnd>,
) {
  const now = () => instant(clock.now());
  const stop = new AbortController();
  const output = createHeadAndTail(MAX_OUTPUT_BYTES);
  const waiters = createWaiters(clock);
  let facts: ActionRun = { ...first, state: 'waiting', requestedAt: now() };
  let cancelGather: (() => void) | null = null;
  let cancelUnread: (() => void) | null = null;
  let readers = 0;

  function wake(): void {
    cancelGather?.();
    cancelGather = null;
    waiters.wake();
  }

  /** @param next what becomes of it, unless it is over already */
  function become(next: ActionRun): void {
    facts = next;
    wake();
  }

  function expectReader(): void {
    cancelUnread?.();
    cancelUnread = null;
    if (whenUnread === 'stop' && readers === 0 && !isOver(facts))
      cancelUnread = clock.after(UNREAD_MS, () => stop.abort());
  }

  const witness: ActionWitness = {
    signal: stop.signal,
    started(approvalId) {
      const { id, name, startedBy, requestedAt } = facts;
      become({ id, name, startedBy, requestedAt, state: 'running', approvalId, startedAt: now() });
    },
    printed(text) {
      if (text === '') return;
      output.add(text);
      if (waiters.count > 0) cancelGather ??= clock.after(GATHER_MS, wake);
    },
  };

  function ended(end: ActionEnd): void {
    if (facts.state !== 'running') throw new HostError('internal', 'a command ended that had not begun');
    const stopped = stop.signal.aborted && !end.timedOut;
    become({ ...facts, ...end, state: 'ended', endedAt: now(), stopped });
  }

  function failed(error: unknown): void {
    const { id, name, startedBy, requestedAt } = facts;
    const { code, message } =
      error instanceof HostError ? error : new HostError('internal', 'the host could not run it');
    const reason = message.slice(0, 1024);
    become({ id, name, startedBy, requestedAt, state: 'refused', endedAt: now(), code, reason });
  }

  /** Rejects with the error of a run that was refused, after the state says so. */
  const over = work(witness)
    .then(ended)
    .catch((error: unknown) => {
      failed(error);
      throw error;
    })
    .finally(expectReader);
  over.catch(() => {});
  expectReader();

  async function read({ offset, maxBytes, wait }: ReadInput): Promise<OutputOf<'tasks.readActionOutput'>> {
    readers += 1;
    expectReader();
    try {
      if (wait && facts.state === wait.state && output.end <= offset && !isOver(facts)) {
        await waiters.next(wait.ms).heard;
      }
      return { run: facts, ...output.read(offset, maxBytes) };
    } finally {
      readers -= 1;
      expectReader();
    }
  }

  return {
    over,
    read,
    facts: () => facts,
    output,
    /** Ends it with all that it started; resolves when it is over. */
    async stop(): Promise<void> {
      stop.abort();
      await over.catch(() => {});
    },
  };
}

export const isOver = ({ state }: ActionRun): boolean => state === 'ended' || state === 'refused';
