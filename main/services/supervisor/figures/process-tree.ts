import type { TableRow } from './process-table.ts';

/**
 * Several processes, each with all that came of it: its descendants, and whoever is still in the session that it began,
 * although the parents between them ended. Each process of the table belongs to one of them at most, the nearest: what
 * an agent started is the agent's, not the host's. The session goes before the parent, because a host that is the first
 * process of a container becomes the parent of all orphans. Pure.
 * @param roots the pid of the first process of each
 */
export function treesOf(
  roots: ReadonlyMap<string, number>,
  table: readonly TableRow[],
): Map<string, TableRow[]> {
  const keys = new Map([...roots].map(([key, pid]) => [pid, key]));
  const rows = new Map(table.map((row) => [row.pid, row]));
  const owners = new Map<number, string | null>();

  function ownerOf(row: TableRow): string | null {
    const way: number[] = [];
    let at: TableRow | undefined = row;
    let owner: string | null | undefined;
    while (at) {
      owner = keys.get(at.pid) ?? owners.get(at.pid) ?? keys.get(at.session);
      // Null as long as it is looked for: a way that comes back to itself, as a reused pid can make, has no owner.
      if (owner !== undefined || owners.has(at.pid)) break;
      owners.set(at.pid, null);
      way.push(at.pid);
      at = rows.get(at.parent);
    }
    for (const pid of way) owners.set(pid, owner ?? null);
    return owner ?? null;
  }

  const trees = new Map<string, TableRow[]>([...roots.keys()].map((key) => [key, []]));
  for (const row of table) {
    const owner = ownerOf(row);
    if (owner !== null) trees.get(owner)?.push(row);
  }
  return trees;
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
