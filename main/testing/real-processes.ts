import { existsSync, readFileSync, readdirSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** False for a zombie too: it runs no more. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

const LOOK_MS = 5;

/**
 * A moment in which everything else has its turn. Timers that are always due again, because between them more time is
 * spent than they wait for, would keep Node from its sockets and from the ends of its children.
 */
export async function aMoment(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when none of them runs. Of the end of a process that is not our child the system tells by absence alone. */
export async function ended(...pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await aMoment();
}

/**
 * Resolves when a program has written a file. Its folder must be there.
 * @param isWhole looks at what it holds; a file that is empty will do if not given
 */
export function written(path: string, isWhole: (text: string) => boolean = () => true): Promise<string> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(path), look);
    function look(): void {
      if (!existsSync(path)) return;
      const text = readFileSync(path, 'utf8');
      if (!isWhole(text)) return;
      watcher.close();
      resolve(text);
    }
    look();
  });
}

/** A number and a line end, as `echo $$ > file` writes it. */
export async function writtenPid(path: string): Promise<number> {
  return Number(await written(path, (text) => text.endsWith('\n')));
}

/** Processes of a group that are alive; their leader's pid is the group. */
export function groupMembers(group: number): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[2]) === group && fields[0] !== 'Z';
    } catch {
      return false;
    }
  }).length;
}
