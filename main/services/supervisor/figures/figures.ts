import type { ProcessFigures, supervisorCommands } from '../../../../contract/supervisor.ts';
import type * as z from 'zod';
import { instant, type Clock } from '../../../kernel/ports.ts';
import { listeningPorts } from './listening-ports.ts';
import { readProcessTable, residentBytes, type TableRow } from './process-table.ts';
import { processorsUsed, treeOf } from './process-tree.ts';

/** Whoever asks more often than this is given the last look again. */
const LEAST_APART_MS = 900;
/** Looks that are further apart than this say nothing about the time between them: a new series begins. */
const MOST_APART_MS = 30_000;
const KEPT = 300;

type Answer = z.infer<(typeof supervisorCommands)['supervisor.figures']['output']>;

interface Look {
  readonly atMs: number;
  readonly trees: ReadonlyMap<string, readonly TableRow[]>;
}

/**
 * What each managed process and all that it started use. Nothing is measured while nobody asks: a look is taken when
 * somebody does, and the last ten minutes of looks are kept.
 */
export function createFigures(deps: {
  /** The processes that are alive: name and pid of the first of each. */
  live: () => readonly { name: string; pid: number }[];
  clock: Clock;
}): () => Promise<Answer> {
  let last: Look | null = null;
  let answer: Answer | null = null;
  let running: Promise<Answer> | null = null;
  const series = new Map<string, ProcessFigures['samples']>();

  async function look(): Promise<Answer> {
    const table = await readProcessTable();
    const atMs = deps.clock.monotonic();
    const at = instant(deps.clock.now());
    if (table === null) return { at, supported: false, processes: [] };
    const trees = new Map(deps.live().map(({ name, pid }) => [name, treeOf(pid, table)]));
    const before = last && atMs - last.atMs <= MOST_APART_MS ? last : null;
    if (!before) series.clear();
    for (const name of series.keys()) if (!trees.has(name)) series.delete(name);
    const pids = new Map([...trees].map(([name, tree]) => [name, tree.map(({ pid }) => pid)]));
    const ports = await listeningPorts(pids);
    const processes = await Promise.all(
      [...trees].map(async ([name, tree]) => {
        const earlier = before?.trees.get(name);
        const memory = await residentBytes(pids.get(name) ?? []);
        // The first look has nothing to compare with.
        const cpu = before && earlier ? processorsUsed(earlier, tree, atMs - before.atMs) : null;
        const samples = [...(series.get(name) ?? []), { at, cpu, memory }].slice(-KEPT);
        series.set(name, samples);
        return { name, processes: tree.length, ports: ports.get(name) ?? [], samples };
      }),
    );
    last = { atMs, trees };
    return { at, supported: true, processes };
  }

  return () => {
    if (answer && last && deps.clock.monotonic() - last.atMs < LEAST_APART_MS) return Promise.resolve(answer);
    running ??= look()
      .then((found) => (answer = found))
      .finally(() => (running = null));
    return running;
  };
}
