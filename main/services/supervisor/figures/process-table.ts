import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One process of the machine, as its table has it. */
export interface TableRow {
  readonly pid: number;
  readonly parent: number;
  /** Session id: the pid of the process that began the session. */
  readonly session: number;
  /** Tells two processes apart that had the same pid. */
  readonly startedAt: string;
  /** Processor time used so far, of all its threads, milliseconds. */
  readonly cpuMs: number;
}

/** Linux: USER_HZ is 100 on every architecture that Node runs on (proc_pid_stat(5)). */
const TICK_MS = 10;

/** One line of `/proc/PID/stat`; null for what is none. The name may hold spaces and brackets. Pure. */
export function rowOfStat(stat: string): TableRow | null {
  const pid = Number(/^\d+/.exec(stat)?.[0]);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, parent, , session] = fields.map(Number);
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  const startedAt = fields[19];
  if (!(pid > 0) || parent === undefined || session === undefined) return null;
  return startedAt === undefined || !Number.isFinite(cpuMs)
    ? null
    : { pid, parent, session, startedAt, cpuMs };
}

/** `ps -A -o pid=,ppid=,sess=,time=,lstart=` of macOS and the BSDs. Pure. */
export function rowsOfPs(text: string): TableRow[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s+(.+)$/.exec(
      line,
    );
    if (!found) return [];
    const [, pid, parent, session, days = '0', hours = '0', minutes, seconds, startedAt = ''] = found;
    const cpuMs =
      1000 * (86_400 * Number(days) + 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds));
    const row = { pid: Number(pid), parent: Number(parent), session: Number(session) || 0 };
    return [{ ...row, startedAt: startedAt.trim(), cpuMs }];
  });
}

/** Every process of the machine; null where the system shows none (Windows). */
export async function readProcessTable(): Promise<TableRow[] | null> {
  if (process.platform === 'win32') return null;
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,sess=,time=,lstart=']);
    return rowsOfPs(stdout);
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').then(rowOfStat, () => null)),
  );
  return rows.filter((row) => row !== null);
}

/**
 * When a process began, milliseconds since 1970, to the second; null where its row does not tell. Linux counts from the
 * start of the machine (proc_pid_stat(5), proc_stat(5)), `ps` gives a date.
 */
export async function beginOf(row: TableRow): Promise<number | null> {
  const ms =
    process.platform === 'linux'
      ? 1000 * Number(/^btime (\d+)$/m.exec(await readFile('/proc/stat', 'latin1').catch(() => ''))?.[1]) +
        Number(row.startedAt) * TICK_MS
      : Date.parse(row.startedAt);
  return Number.isFinite(ms) ? ms : null;
}

/** Resident memory of these, bytes; those that ended meanwhile count nothing. */
export async function residentBytes(pids: readonly number[]): Promise<number> {
  if (pids.length === 0) return 0;
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', pids.join(',')]).catch(() => ({
      stdout: '',
    }));
    return stdout.split('\n').reduce((sum, line) => sum + 1024 * (Number(line) || 0), 0);
  }
  const each = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
      return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    }),
  );
  return each.reduce((sum, one) => sum + one, 0);
}
