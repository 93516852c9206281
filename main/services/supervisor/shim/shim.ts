import type { Clock } from '../../../kernel/ports.ts';
import { launch, Refusal } from './launch.ts';
import type { LogSink, OpenLogSink } from './log-sink.ts';
import { SHIM_VERSION, type ShimEvent, type ShimRequest, type SpawnOrder } from './messages.ts';
import { membersOf, type ProcessScan } from './run-members.ts';
import { openChildEnds, pipesOf, readPipe, removePipes } from './run-pipes.ts';
import type { Terminal } from './terminal.ts';
import { signalProcess } from './signal-process.ts';
import { createShimRun, watchStranger, type RunFacts, type ShimRun } from './shim-run.ts';

const GROWN_MS = 30;

export interface ShimDeps {
  readonly clock: Clock;
  readonly scan: ProcessScan;
  readonly openSink: OpenLogSink;
  /** Folder of the pipes; nobody else may look into it. */
  readonly pipesFolder: string;
  /** Told of every event; nobody listens while no host is there. */
  readonly tell: (event: ShimEvent) => void;
}

export interface Shim {
  handle(request: ShimRequest): void;
  /** What a host that has just come must know. */
  hello(): ShimEvent;
  /** Ends everything that runs. */
  stopAll(graceMs: number): Promise<void>;
  /** True while it holds a run. */
  isNeeded(): boolean;
  /** True while one of them lives. */
  hasLive(): boolean;
}

/**
 * The parent of all managed processes: it starts them, keeps what they print, ends them with all that they started,
 * and remembers how they ended until the host has put that on record. It outlives the host.
 */
export function createShim(deps: ShimDeps): Shim {
  const { clock, tell } = deps;
  const runs = new Map<string, ShimRun>();
  const stopEarly = new Map<string, number>();
  const starting = new Set<string>();
  const sinks = new Map<string, LogSink>();
  const dirty = new Map<string, LogSink>();
  const terminals = new Map<string, Terminal>();

  function sinkOf(folder: string): LogSink {
    let sink = sinks.get(folder);
    if (!sink) sinks.set(folder, (sink = deps.openSink(folder)));
    return sink;
  }

  function grown(run: string, sink: LogSink): void {
    if (dirty.size === 0) clock.after(GROWN_MS, tellGrown);
    dirty.set(run, sink);
  }

  function tellGrown(): void {
    for (const [run, sink] of dirty) tell({ type: 'grown', run, lost: sink.lost() });
    dirty.clear();
  }

  function hold(facts: RunFacts, folder: string, searches: SpawnOrder['searches']): ShimRun {
    const sink = sinkOf(folder);
    const { run } = facts;
    const held = createShimRun(facts, { ...deps, kill: signalProcess, sink, grown: () => grown(run, sink) });
    for (const { search, what } of searches) held.search(search, what);
    runs.set(run, held);
    void held.over.then((end) => {
      removePipes(pipesOf(deps.pipesFolder, run));
      terminals.delete(run);
      tellGrown();
      tell({ type: 'ended', run, end });
    });
    return held;
  }

  async function start(order: SpawnOrder): Promise<void> {
    const { run, name } = order;
    sinkOf(order.folder).startRun(clock.now());
    const { pid, read, onExit, terminal, held: isHeld } = await launch(order, deps.pipesFolder);
    if (terminal) terminals.set(run, terminal);
    const startTime = deps.scan.startTime(pid) ?? '';
    const startedAt = clock.now();
    const facts = { run, name, pid, startTime, startedAt, isChild: true, read };
    const held = hold(facts, order.folder, order.searches);
    onExit((code, signal) => held.exited(code, signal));
    tell({ type: 'spawned', run, at: startedAt, pid, startTime });
    isHeld();
    const graceMs = stopEarly.get(run);
    if (graceMs !== undefined) held.stop(graceMs);
  }

  function spawnRun(order: SpawnOrder): void {
    const { run } = order;
    starting.add(run);
    start(order)
      .catch((error: unknown) => {
        const { code, message } = error instanceof Refusal ? error : unavailable(error);
        tell({ type: 'refused', run, code, reason: message });
      })
      .finally(() => {
        starting.delete(run);
        stopEarly.delete(run);
      });
  }

  function adopt(request: Extract<ShimRequest, { type: 'adopt' }>): void {
    const { run, name, pid, startTime, startedAt } = request;
    if (runs.has(run)) return;
    const pipes = pipesOf(deps.pipesFolder, run);
    // For as long as it takes: without a writer the pipe would be at its end, and what is in it would be lost.
    const ends = openChildEnds(pipes);
    try {
      const held = hold(
        {
          ...{ run, name, pid, startTime, startedAt, isChild: false },
          read: (stream, take) => readPipe(pipes[stream], take),
        },
        request.folder,
        request.searches,
      );
      watchStranger(request, deps, () => held.exited(null, null));
    } finally {
      ends.close();
    }
  }

  /** Ends what carries the mark of a run that nobody holds. */
  function sweep(run: string): void {
    if (runs.has(run) || starting.has(run)) return;
    killAll(() => membersOf({ run, pid: 0, leaderGone: true }, deps.scan.all(), new Map()), signalProcess);
    removePipes(pipesOf(deps.pipesFolder, run));
  }

  return {
    handle(request) {
      switch (request.type) {
        case 'spawn': {
          spawnRun(request);
          return;
        }
        case 'adopt':
          try {
            adopt(request);
            return;
          } catch (error) {
            tell({ type: 'refused', run: request.run, ...unavailable(error) });
            return;
          }
        case 'stop':
          if (starting.has(request.run)) stopEarly.set(request.run, request.graceMs);
          return runs.get(request.run)?.stop(request.graceMs);
        case 'type':
          return terminals.get(request.run)?.type(request.text);
        case 'resize':
          return terminals.get(request.run)?.resize(request.columns, request.rows);
        case 'search':
          runs.get(request.run)?.search(request.search, request.what);
          {
            tell({ type: 'searching', search: request.search });
            return;
          }
        case 'unsearch':
          return runs.get(request.run)?.unsearch(request.search);
        case 'note': {
          sinkOf(request.folder).append('stderr', Buffer.from(`[signalbox] ${request.text}\n`), clock.now());
          return;
        }
        case 'sweep': {
          sweep(request.run);
          return;
        }
        case 'forget': {
          forget(runs, request.run);
          return;
        }
        case 'quit':
          return;
      }
    },
    hello: () => ({
      type: 'hello',
      version: SHIM_VERSION,
      pid: process.pid,
      runs: [...runs.values()].map((one) => one.held()),
    }),
    async stopAll(graceMs) {
      const alive = [...runs.values()].filter((one) => one.held().end === null);
      for (const one of alive) one.stop(graceMs);
      await Promise.all(alive.map((one) => one.over));
    },
    hasLive: () => starting.size > 0 || [...runs.values()].some((one) => one.held().end === null),
    isNeeded: () => starting.size > 0 || runs.size > 0,
  };
}

/** One that lives is held on to: who does not know it will say that it is to be stopped. */
function forget(runs: Map<string, ShimRun>, run: string): void {
  if (runs.get(run)?.held().end === null) return;
  runs.delete(run);
}

/** Whoever is found may have started another one before it was killed: it is looked again until nobody new is there. */
function killAll(
  look: () => readonly { readonly pid: number }[],
  kill: (pid: number, signal: 'SIGKILL') => void,
): void {
  const killed = new Set<number>();
  const found = () => look().filter(({ pid }) => !killed.has(pid));
  for (let left = found(); left.length > 0; left = found()) {
    for (const { pid } of left) {
      killed.add(pid);
      kill(pid, 'SIGKILL');
    }
  }
}

function unavailable(error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unavailable', reason: message, message } as const;
}
