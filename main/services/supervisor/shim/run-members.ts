import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../../../kernel/ports.ts';
import type { OsProcess } from './messages.ts';
import { createProcessTable } from '../../../kernel/process-table.ts';

/** In the environment of everything that a run starts: whoever leaves its group and its session is found by it. */
export const RUN_MARK = 'SIGNALBOX_RUN';

/** How old a look at the system may be. */
const SHARED_MS = 10;

export interface SeenProcess extends OsProcess {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The run that its environment names; null when it names none or cannot be read. */
  readonly mark: string | null;
}

export interface RunIdentity {
  readonly run: string;
  readonly pid: number;
  /** The leader has been reaped: its number may name somebody else. */
  readonly leaderGone: boolean;
}

/** Who lives. Zombies are left out: only their parent can end them. */
export interface ProcessScan {
  startTime(pid: number): string | null;
  all(): readonly SeenProcess[];
}

/**
 * The processes of a run: its group, its session, whoever carries its mark, and all descendants of those. Pure.
 * @param members known before; they stay members wherever they go
 */
export function membersOf(
  { run, pid, leaderGone }: RunIdentity,
  all: readonly SeenProcess[],
  members: ReadonlyMap<number, string>,
): SeenProcess[] {
  const own = new Map<number, SeenProcess>();
  const isOwn = (one: SeenProcess) =>
    one.mark === run ||
    members.get(one.pid) === one.startTime ||
    // Another mark is another run: it got its group by a number that was used again, or was started from inside.
    (one.mark === null && !leaderGone && (one.group === pid || one.session === pid || one.pid === pid));
  for (const one of all) if (isOwn(one)) own.set(one.pid, one);
  for (let before = -1; before !== own.size;) {
    before = own.size;
    for (const one of all) if (own.has(one.parent) && one.parent > 1) own.set(one.pid, one);
  }
  return [...own.values()];
}

/** What `/proc` says. Environments are read once for each process: what a process was given it cannot lose. */
function createProcScan(): ProcessScan {
  const marks = new Map<string, string | null>();
  return {
    startTime: (pid) => readStat(pid)?.startTime ?? null,
    all() {
      const seen: SeenProcess[] = [];
      const keys = new Set<string>();
      for (const name of readdirSync('/proc')) {
        const first = name.charCodeAt(0);
        const stat = first >= 48 && first <= 57 ? readStat(Number(name)) : null;
        if (!stat) continue;
        const key = `${stat.pid} ${stat.startTime}`;
        keys.add(key);
        let mark = marks.get(key);
        if (mark === undefined) marks.set(key, (mark = readMark(stat.pid)));
        seen.push({ ...stat, mark });
      }
      for (const key of marks.keys()) if (!keys.has(key)) marks.delete(key);
      return seen;
    },
  };
}

/** All who ask within a moment get one answer: two hundred stops at once are not two hundred looks at the system. */
export function shareScans(scan: ProcessScan, clock: Clock): ProcessScan {
  let at = -Infinity;
  let last: readonly SeenProcess[] = [];
  return {
    startTime: scan.startTime,
    all() {
      if (clock.monotonic() - at > SHARED_MS) {
        last = scan.all();
        at = clock.monotonic();
      }
      return last;
    },
  };
}

/** Other systems show groups only: who leaves the group is not found there. */
function createGroupScan(): ProcessScan {
  const table = createProcessTable();
  return {
    startTime: (pid) => table.startTime(pid),
    all: () => table.all().map((one) => ({ ...one, parent: 0, session: one.group, mark: null })),
  };
}

export const createProcessScan = (): ProcessScan =>
  process.platform === 'linux' ? createProcScan() : createGroupScan();

/** `pid (name) state ppid pgrp session … starttime`; the name may hold anything, so fields count from the last `)`. */
function readStat(pid: number): Omit<SeenProcess, 'mark'> | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return {
      pid,
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      startTime: rest[15] ?? '',
    };
  } catch {
    return null;
  }
}

function readMark(pid: number): string | null {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const at = `\0${environ}`.indexOf(`\0${RUN_MARK}=`);
    if (at === -1) return null;
    const from = at + RUN_MARK.length + 1;
    const end = environ.indexOf('\0', from);
    return environ.slice(from, end === -1 ? undefined : end);
  } catch {
    // Of another user, or gone.
    return null;
  }
}
