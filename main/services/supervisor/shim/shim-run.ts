import type { LogStreamName } from '../../../../contract/process-logs.ts';
import { createLastOutput } from './last-output.ts';
import { createLeaving, type LeavingDeps } from './leaving.ts';
import type { LogSink } from './log-sink.ts';
import type { HeldRun, OsProcess, OutputSearch, RunEnd, ShimEvent } from './messages.ts';
import { createOutputSearches } from './output-searches.ts';
import type { PipeReader } from './run-pipes.ts';

/** How long a pipe may stay open and silent after the last process of the run: somebody unfindable holds it. */
const SILENT_MS = 250;
/** How often a leader that is not our child is looked at: there is no event for that. */
const STRANGER_POLL_MS = 100;

export interface ShimRunDeps extends LeavingDeps {
  readonly sink: LogSink;
  readonly tell: (event: ShimEvent) => void;
  /** Something was written. */
  readonly grown: () => void;
}

export interface RunFacts extends OsProcess {
  readonly run: string;
  readonly name: string;
  readonly startedAt: number;
  /** Reads what it prints to the end. */
  readonly read: (stream: LogStreamName, take: (bytes: Uint8Array) => void) => PipeReader;
  /** False when it was taken over: how it ends cannot be known. */
  readonly isChild: boolean;
}

/** One life of a process inside the shim. */
export interface ShimRun {
  held(): HeldRun;
  search(id: string, what: OutputSearch): void;
  unsearch(id: string): void;
  stop(graceMs: number): void;
  /** The system told how the leader ended. */
  exited(code: number | null, signal: string | null): void;
  readonly over: Promise<RunEnd>;
}

/** Call it while the ends for the child are open, so that the pipes have a writer. */
export function createShimRun(facts: RunFacts, deps: ShimRunDeps): ShimRun {
  const { clock } = deps;
  const { run, name, pid, startTime, startedAt } = facts;
  const from = clock.monotonic();
  const last = createLastOutput();
  const searches = createOutputSearches(deps.tell);
  const leaving = createLeaving(facts, deps, facts.isChild);
  let end: RunEnd | null = null;
  let exit: { code: number | null; signal: string | null } | null = null;

  const take = (stream: LogStreamName) => (bytes: Uint8Array) => {
    deps.sink.append(stream, bytes, clock.now());
    last.add(bytes);
    searches.hear(stream, bytes);
    deps.grown();
  };
  const readers = [facts.read('stdout', take('stdout')), facts.read('stderr', take('stderr'))];

  const over = leaving.empty.then(async () => {
    await drained(readers, deps);
    deps.sink.close();
    end = {
      code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      ranMs: Math.round(clock.monotonic() - from),
      lastLines: last.lines(),
      at: clock.now(),
    };
    return end;
  });

  return {
    over,
    held: () => ({ run, name, pid, startTime, startedAt, end }),
    search: (id, what) => searches.add(id, what),
    unsearch: (id) => searches.remove(id),
    stop: (graceMs) => leaving.terminate(graceMs),
    exited(code, signal) {
      if (exit) return;
      exit = { code, signal };
      leaving.leaderGone();
    },
  };
}

/** Calls back when a leader that is no child of ours has ended. */
export function watchStranger(
  { pid, startTime }: OsProcess,
  { clock, scan }: Pick<ShimRunDeps, 'clock' | 'scan'>,
  gone: () => void,
): void {
  const look = () => {
    if (scan.startTime(pid) === startTime) clock.after(STRANGER_POLL_MS, look);
    else gone();
  };
  look();
}

/** All of it was read, or nothing came for a while although the pipe is open. */
async function drained(readers: readonly PipeReader[], { clock }: Pick<ShimRunDeps, 'clock'>): Promise<void> {
  const pipes = { open: true };
  const ended = Promise.all(readers.map((reader) => reader.ended)).then(() => (pipes.open = false));
  const count = () => readers.reduce((sum, reader) => sum + reader.count(), 0);
  for (let before = -1; pipes.open && before !== count();) {
    before = count();
    await Promise.race([ended, new Promise<void>((resolve) => clock.after(SILENT_MS, resolve))]);
  }
  for (const reader of readers) reader.giveUp();
  await ended;
}
