import { readdirSync, readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same number by when it was started. */
export interface ProcessFact {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot. */
  readonly startedAt: number;
  readonly command: string;
}

/** The process behind a number, or null when it has ended (one that only waits to be reaped has ended). */
export function processFact(pid: number): ProcessFact | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may hold anything, brackets too: fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return {
      pid,
      parent: Number(fields[1]),
      group: Number(fields[2]),
      startedAt: Number(fields[19]),
      command,
    };
  } catch {
    return null;
  }
}

function everyProcess(): ProcessFact[] {
  return readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (processFact(Number(name)) ?? []) : [],
  );
}

/** Everything that this process started, directly or not, itself left out. */
export function descendants(pid: number): ProcessFact[] {
  const all = everyProcess();
  const found = new Map<number, ProcessFact>();
  let parents = [pid];
  while (parents.length > 0) {
    const children = all.filter((one) => parents.includes(one.parent) && !found.has(one.pid));
    for (const child of children) found.set(child.pid, child);
    parents = children.map((child) => child.pid);
  }
  return [...found.values()];
}

/** Every process of these process groups, whoever its parent is by now. */
export function groupMembers(groups: ReadonlySet<number>): ProcessFact[] {
  return everyProcess().filter((one) => groups.has(one.group));
}

/** Those of these that are still there. */
export function stillAlive(processes: readonly ProcessFact[]): ProcessFact[] {
  return processes.filter((one) => processFact(one.pid)?.startedAt === one.startedAt);
}

/** Every process whose command names this text; for what may have lost its parent. */
export function processesNaming(text: string): ProcessFact[] {
  return everyProcess().filter((one) => one.pid !== process.pid && one.command.includes(text));
}

/** Sends a signal to a whole process group; one that has ended already is no error. */
export function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // It has ended already.
  }
}
