import type { OutputOf } from '../../../../contract/commands.ts';
import type { EndedPart, HostPart, ProcessFigures } from '../../../../contract/figures.ts';
import type { HostParts } from '../../../kernel/host-parts.ts';
import { instant, type Clock } from '../../../kernel/ports.ts';
import { listeningPorts } from './listening-ports.ts';
import type { Part } from './part-list.ts';
import { beginOf, readProcessTable, residentBytes, type TableRow } from './process-table.ts';
import { processorsUsed, treesOf } from './process-tree.ts';

/** Whoever asks more often than this is given the last look again. */
const LEAST_APART_MS = 900;
/** Looks that are further apart than this say nothing about the time between them: a new series begins. */
const MOST_APART_MS = 30_000;
const KEPT = 300;

type Answer = OutputOf<'supervisor.figures'>;
type Measured = Omit<ProcessFigures, 'name'>;

interface Look {
  readonly atMs: number;
  readonly trees: ReadonlyMap<string, readonly TableRow[]>;
}

export interface FiguresDeps {
  /** The processes that are alive: name and pid of the first of each. */
  live: () => readonly { name: string; pid: number }[];
  /** What the host runs beside them. */
  parts: () => readonly Part[];
  ended: HostParts['ended'];
  clock: Clock;
}

/**
 * What each managed process, and what the host runs beside them, use with all that they started. Nothing is measured
 * while nobody asks: a look is taken when somebody does, and the last ten minutes of looks are kept.
 */
export function createFigures(deps: FiguresDeps): () => Promise<Answer> {
  let last: Look | null = null;
  let answer: Answer | null = null;
  let running: Promise<Answer> | null = null;
  const series = new Map<string, ProcessFigures['samples']>();

  /** Adds a look to the series of each of these, by its key. */
  async function measure(
    roots: ReadonlyMap<string, number>,
    table: readonly TableRow[],
    at: string,
  ): Promise<Map<string, Measured>> {
    const atMs = deps.clock.monotonic();
    const trees = treesOf(roots, table);
    const before = last && atMs - last.atMs <= MOST_APART_MS ? last : null;
    if (!before) series.clear();
    for (const key of series.keys()) if (!trees.has(key)) series.delete(key);
    const pids = new Map([...trees].map(([key, tree]) => [key, tree.map(({ pid }) => pid)]));
    const ports = await listeningPorts(pids);
    const measured = await Promise.all(
      [...trees].map(async ([key, tree]): Promise<[string, Measured]> => {
        const earlier = before?.trees.get(key);
        const memory = await residentBytes(pids.get(key) ?? []);
        // The first look has nothing to compare with.
        const cpu = before && earlier ? processorsUsed(earlier, tree, atMs - before.atMs) : null;
        const samples = [...(series.get(key) ?? []), { at, cpu, memory }].slice(-KEPT);
        series.set(key, samples);
        return [key, { processes: tree.length, ports: ports.get(key) ?? [], samples }];
      }),
    );
    last = { atMs, trees };
    return new Map(measured);
  }

  async function look(): Promise<Answer> {
    const table = await readProcessTable();
    const at = instant(deps.clock.now());
    const processes = deps.live();
    const parts = deps.parts();
    const roots = new Map([
      ...processes.map(({ name, pid }) => [keyOf({ name }), pid] as const),
      ...parts.map(({ id, pid }) => [keyOf({ id }), pid] as const),
    ]);
    const measured = table && (await measure(roots, table, at));
    return {
      at,
      supported: measured !== null,
      processes: measured
        ? processes.map(({ name }) => ({ name, ...(measured.get(keyOf({ name })) ?? unmeasured) }))
        : [],
      parts: await Promise.all(
        parts.map(async (part) => shown(part, table, measured?.get(keyOf(part)) ?? unmeasured)),
      ),
      ended: deps.ended().map(ending),
    };
  }

  return () => {
    if (answer && last && deps.clock.monotonic() - last.atMs < LEAST_APART_MS) return Promise.resolve(answer);
    running ??= look()
      .then((found) => (answer = found))
      .finally(() => (running = null));
    return running;
  };
}

const unmeasured: Measured = { processes: 0, ports: [], samples: [] };

const keyOf = (one: { readonly name: string } | { readonly id: string }): string =>
  'id' in one ? `part ${one.id}` : `process ${one.name}`;

async function shown(
  { startedAt, ...part }: Part,
  table: readonly TableRow[] | null,
  measured: Measured,
): Promise<HostPart> {
  const row = startedAt === null ? table?.find(({ pid }) => pid === part.pid) : undefined;
  const began = startedAt ?? (row ? await beginOf(row) : null);
  return { ...part, startedAt: began === null ? null : instant(began), ...measured };
}

function ending({ code, endedAt, startedAt, ...part }: ReturnType<HostParts['ended']>[number]): EndedPart {
  return { ...part, startedAt: instant(startedAt), endedAt: instant(endedAt), exitCode: code };
}
