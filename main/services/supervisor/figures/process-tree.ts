import type { TableRow } from './process-table.ts';

/**
 * A process with all that came of it: its descendants, and whoever is still in the session that it began, although
 * the parents between them ended. Pure.
 */
export function treeOf(root: number, table: readonly TableRow[]): TableRow[] {
  const children = new Map<number, TableRow[]>();
  for (const row of table) children.set(row.parent, [...(children.get(row.parent) ?? []), row]);
  const found = new Map(
    table.filter((row) => row.pid === root || row.session === root).map((row) => [row.pid, row]),
  );
  const waiting = [...found.keys()];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop())
    for (const child of children.get(pid) ?? [])
      if (!found.has(child.pid)) {
        found.set(child.pid, child);
        waiting.push(child.pid);
      }
  return [...found.values()];
}

/**
 * Processors in use between two looks at a tree: 1 is one core all of the time. What ended in between counts nothing,
 * what began in between counts whole. Pure.
 */
export function processorsUsed(
  before: readonly TableRow[],
  after: readonly TableRow[],
  elapsedMs: number,
): number {
  const earlier = new Map(before.map((row) => [`${row.pid} ${row.startedAt}`, row.cpuMs]));
  const used = after.reduce(
    (sum, row) => sum + Math.max(0, row.cpuMs - (earlier.get(`${row.pid} ${row.startedAt}`) ?? 0)),
    0,
  );
  return elapsedMs > 0 ? used / elapsedMs : 0;
}
