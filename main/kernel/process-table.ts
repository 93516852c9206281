import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One process as the operating system lists it. Zombies are left out: nobody can end them but their parent. */
export interface ProcessEntry {
  readonly pid: number;
  /** The process group it belongs to. */
  readonly group: number;
  /** Names the process for good, together with its pid and the boot. Never changes while the process lives. */
  readonly startTime: string;
}

/** What the kernel says about processes; another platform is another adapter. */
export interface ProcessTable {
  /** Identity of a live process, or null when there is none. */
  startTime(pid: number): string | null;
  /** The live processes of a group. */
  group(pid: number): readonly ProcessEntry[];
  all(): readonly ProcessEntry[];
  /** Differs after every start of the machine. */
  bootId(): string;
}

/** The process table of this platform. Windows has no groups: there a record of leftovers is not kept. */
export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'linux') return procTable;
  if (platform === 'win32')
    return { startTime: () => null, group: () => [], all: () => [], bootId: () => 'unknown' };
  return psTable;
}

const procTable: ProcessTable = {
  startTime: (pid) => readStat(pid)?.startTime ?? null,
  group: (pid) => procTable.all().filter((entry) => entry.group === pid),
  all: () =>
    readdirSync('/proc').flatMap((name) => {
      const entry = /^\d+$/.test(name) ? readStat(Number(name)) : null;
      return entry ? [entry] : [];
    }),
  bootId: () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
};

/** `pid (name) state ppid pgrp … starttime`; the name may hold spaces and brackets, so fields count from the last `)`. */
function readStat(pid: number): ProcessEntry | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { pid, group: Number(group), startTime: rest[16] ?? '' };
  } catch {
    return null;
  }
}

/** POSIX `ps`, for macOS and the BSDs. Start times have a resolution of one second, which a reused pid does not beat. */
const psTable: ProcessTable = {
  startTime: (pid) => listPs(['-p', String(pid)])[0]?.startTime ?? null,
  group: (pid) => listPs(['-A']).filter((entry) => entry.group === pid),
  all: () => listPs(['-A']),
  bootId() {
    try {
      return execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8', timeout: 5000 }).trim();
    } catch {
      return 'unknown';
    }
  },
};

function listPs(which: readonly string[]): ProcessEntry[] {
  try {
    const text = execFileSync('ps', [...which, '-o', 'pid=,pgid=,stat=,lstart='], {
      encoding: 'utf8',
      timeout: 5000,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 16 * 1024 * 1024,
    });
    return parsePs(text);
  } catch {
    // ps ends with 1 when the process does not exist.
    return [];
  }
}

/** Lines of `ps -o pid=,pgid=,stat=,lstart=`. Pure. */
export function parsePs(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, group, state, startTime] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined || group === undefined || startTime === undefined) return [];
    return state?.startsWith('Z') ? [] : [{ pid: Number(pid), group: Number(group), startTime }];
  });
}
