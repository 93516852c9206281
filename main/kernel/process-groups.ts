import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Database } from './database.ts';
import { createPartBook, keepEnd, type HostParts, type PartLabel } from './host-parts.ts';
import { childStarted, launchChild } from './launch-child.ts';
import type { Clock, Log } from './ports.ts';
import { createProcessTable, type ProcessTable } from './process-table.ts';

const DEFAULT_GRACE_MS = 10_000;
/** How long pipes may stay open after the leader ended: then somebody outside the group holds them. */
const PIPE_GRACE_MS = 1000;
/** How often a group without its leader is looked at. Only children can be waited for, so there is no event. */
const GROUP_POLL_MS = 20;
/** KILL works at once, except on a process that waits for a device. It is not worth waiting for longer. */
const KILLED_WAIT_MS = 2000;
/** How long a reader that lags behind may take to read the last output of an ended child. */
const SLOW_READER_MS = 30_000;

export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the child: nothing is added. */
  readonly env: Readonly<Record<string, string>>;
  /** What it is, for the record of leftovers: `process web`, `agent demo`, `tunnel`. */
  readonly label: string;
  /** It runs for long: it is listed as a part of the host, and the end of its stderr is kept. */
  readonly part?: PartLabel;
  readonly graceMs?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A child that leads a process group of its own. */
export interface ProcessGroup {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the leader has ended and its pipes are closed or given up. Never rejects. */
  readonly exited: Promise<Exit>;
  /** TERM to the whole group, KILL after the grace period; resolves when no process of the group is left. */
  stop(): Promise<Exit>;
}

export interface ProcessGroups {
  /** @throws HostError `not_found` when the program cannot be started, `invalid_input` for arguments no program can get */
  spawn(request: SpawnRequest): Promise<ProcessGroup>;
  /** Ends what a host that was killed left behind: only a pid whose start time and boot are those on record. */
  reapLeftovers(): number;
  stopAll(): Promise<void>;
  /** Those that were started as parts of the host. */
  readonly parts: HostParts;
}

/** Every child of the host is started here, so that none is ever forgotten. */
export function createProcessGroups(deps: { db: Database; clock: Clock; log: Log }): ProcessGroups {
  const { db, clock, log } = deps;
  const table = createProcessTable();
  const live = new Set<ProcessGroup>();
  const parts = createPartBook();
  const starting = new Set<Promise<unknown>>();

  function remember(pid: number, label: string): () => void {
    const startTime = table.startTime(pid);
    if (startTime === null) return () => {};
    db.run(
      'INSERT OR REPLACE INTO children (pid, start_time, boot_id, label) VALUES (?, ?, ?, ?)',
      pid,
      startTime,
      table.bootId(),
      label,
    );
    return () => void db.run('DELETE FROM children WHERE pid = ? AND start_time = ?', pid, startTime);
  }

  async function start(request: SpawnRequest): Promise<ProcessGroup> {
    const child = launchChild(request);
    const pid = child.pid;
    const printed = request.part && keepEnd(child.stderr);
    // On record before anything is awaited: a host that is killed in between leaves no child that nobody knows.
    const forget = pid === undefined ? () => {} : remember(pid, request.label);
    await childStarted(child, request);
    const group = supervise(
      child,
      pid as number,
      request.graceMs ?? DEFAULT_GRACE_MS,
      { clock, table },
      () => {
        live.delete(group);
        try {
          forget();
        } catch (error) {
          log.warn({ pid, error: String(error) }, 'the record of a child could not be removed');
        }
      },
    );
    live.add(group);
    if (request.part && printed) {
      const { pid: leader, exited } = group;
      const startedAt = clock.now();
      const id = `${request.part.kind}-${leader}-${startedAt}`;
      const end = parts.add({ ...request.part, id, pid: leader, startedAt }, printed);
      void exited.then((exit) => end({ ...exit, endedAt: clock.now() }));
    }
    return group;
  }

  /** True when the group that `pid` led is still the one on record, with its leader or without. */
  function isOurs(pid: number, startTime: string): boolean {
    const now = table.startTime(pid);
    if (now !== null) return now === startTime;
    // The number of a group cannot be given to a new process while the group has members.
    const members = table.group(pid);
    return members.length > 0 && members.every((member) => order(member.startTime) >= order(startTime));
  }

  return {
    async spawn(request) {
      const spawned = start(request);
      starting.add(spawned);
      return spawned.finally(() => starting.delete(spawned));
    },
    reapLeftovers() {
      let ended = 0;
      for (const row of db.all('SELECT pid, start_time, boot_id, label FROM children')) {
        const pid = Number(row['pid']);
        if (row['boot_id'] === table.bootId() && isOurs(pid, String(row['start_time']))) {
          log.warn({ pid, label: row['label'] }, 'ending a child that an earlier host left behind');
          signalGroup(pid, 'SIGKILL');
          ended += 1;
        }
      }
      db.run('DELETE FROM children');
      return ended;
    },
    async stopAll() {
      while (starting.size > 0 || live.size > 0) {
        await Promise.allSettled(starting);
        await Promise.all([...live].map((group) => group.stop()));
      }
    },
    parts,
  };
}

/** Watches one group until nothing of it is left, then calls `over`. */
function supervise(
  child: ChildProcessWithoutNullStreams,
  pid: number,
  graceMs: number,
  { clock, table }: { clock: Clock; table: ProcessTable },
  over: () => void,
): ProcessGroup {
  let ended = false;
  let terminating: Promise<void> | undefined;
  const leaderGone = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      // What an ended leader leaves in its group has no owner any more, unless a stop gave it time to end.
      if (!terminating) signalGroup(pid, 'SIGKILL');
      resolve({ code, signal });
    });
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.on('error', () => {});

  async function emptied(withinMs: number): Promise<void> {
    const deadline = clock.monotonic() + withinMs;
    while (isGroupAlive(pid, table) && clock.monotonic() < deadline) await pause(clock, GROUP_POLL_MS).done;
  }

  async function terminate(): Promise<void> {
    signalGroup(pid, 'SIGTERM');
    // A suspended process gets its TERM only when it runs again.
    signalGroup(pid, 'SIGCONT');
    const cancel = clock.after(graceMs, () => signalGroup(pid, 'SIGKILL'));
    const from = clock.monotonic();
    await leaderGone;
    await emptied(Math.max(0, graceMs - (clock.monotonic() - from)) + KILLED_WAIT_MS);
    cancel();
  }

  const exited = leaderGone.then(async (exit) => {
    await terminating;
    await drained(child, closed, clock);
    return exit;
  });
  const finished = exited.then(async (exit) => {
    await emptied(KILLED_WAIT_MS);
    over();
    return exit;
  });
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    stop() {
      // A leader that has ended was reaped: its number may name somebody else by now and gets no more signals.
      if (!ended) terminating ??= terminate();
      return finished;
    },
  };
}

/**
 * Resolves when the pipes are closed. After a second they are given up, if nobody still reads what is in them: the
 * group is dead, so somebody who left it holds them, perhaps for ever.
 */
async function drained(
  child: ChildProcessWithoutNullStreams,
  closed: Promise<void>,
  clock: Clock,
): Promise<void> {
  for (let waited = PIPE_GRACE_MS; ; waited += PIPE_GRACE_MS) {
    const { done, cancel } = pause(clock, PIPE_GRACE_MS);
    const isClosed = await Promise.race([closed.then(() => true), done.then(() => false)]);
    cancel();
    if (isClosed) return;
    const reading = child.stdout.readableLength > 0 || child.stderr.readableLength > 0;
    if (!reading || waited >= SLOW_READER_MS) break;
  }
  child.stdout.destroy();
  child.stderr.destroy();
  await closed;
}

function pause(clock: Clock, ms: number): { done: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const done = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
  return { done, cancel: () => cancel() };
}

function isGroupAlive(pid: number, table: ProcessTable): boolean {
  if (process.platform === 'win32') return false;
  try {
    process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // The signal also reaches zombies that a lazy init never reaps; the table leaves them out.
  return table.group(pid).length > 0;
}

/** Signals the group that `pid` leads. A group that is gone already is no error. */
function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGCONT' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    // Windows has neither groups nor TERM: the tree is ended when it is time for KILL, the leader before.
    const force = signal === 'SIGKILL' ? ['/F'] : [];
    if (signal !== 'SIGCONT') {
      spawn('taskkill', ['/pid', String(pid), '/T', ...force], { stdio: 'ignore' }).on('error', () => {});
    }
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody is left to signal.
  }
}

/** Start times in their order: clock ticks, or a date in words. */
function order(startTime: string): number {
  return /^\d+$/.test(startTime) ? Number(startTime) : Date.parse(startTime);
}
