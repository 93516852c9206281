import { readdir, readFile, readlink } from 'node:fs/promises';

/** The state LISTEN in `/proc/net/tcp` (Linux, include/net/tcp_states.h). */
const LISTEN = '0A';

/** Socket inode → port, of what listens, out of `/proc/net/tcp` or `/proc/net/tcp6`. Pure. */
export function listeningSockets(table: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const port = Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16);
    const inode = fields[9];
    if (fields[3] === LISTEN && inode !== undefined && port > 0) found.set(inode, port);
  }
  return found;
}

/** TCP ports on which each of these groups of processes listens, ascending. Linux; elsewhere none is known. */
export async function listeningPorts(
  groups: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  if (process.platform !== 'linux') return found;
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((kind) => readFile(`/proc/net/${kind}`, 'latin1').catch(() => '')),
  );
  const sockets = new Map(tables.flatMap((table) => [...listeningSockets(table)]));
  if (sockets.size === 0) return found;
  for (const [name, pids] of groups) {
    const inodes = (await Promise.all(pids.map(socketsOf))).flat();
    const ports = new Set(inodes.flatMap((inode) => sockets.get(inode) ?? []));
    if (ports.size > 0)
      found.set(
        name,
        [...ports].sort((a, b) => a - b),
      );
  }
  return found;
}

async function socketsOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}
