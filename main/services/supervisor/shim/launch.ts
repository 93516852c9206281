import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import type { SpawnOrder } from './messages.ts';
import { RUN_MARK } from './run-members.ts';
import { childPipes, pipesOf, removePipes } from './run-pipes.ts';
import type { RunFacts } from './shim-run.ts';
import { noPipe, openTerminal, type Terminal } from './terminal.ts';

/** A process that was started, with pipes or on a terminal. */
export interface Launched {
  readonly pid: number;
  readonly read: RunFacts['read'];
  readonly onExit: (run: (code: number | null, signal: string | null) => void) => void;
  readonly terminal?: Terminal;
  /** Somebody reads: the ends that were kept open until then are closed. */
  held(): void;
}

/** @throws Refusal when it cannot be started */
export function launch(order: SpawnOrder, pipesFolder: string): Promise<Launched> {
  return order.pty ? launchOnTerminal(order) : launchWithPipes(order, pipesFolder);
}

async function launchWithPipes(order: SpawnOrder, pipesFolder: string): Promise<Launched> {
  const pipes = pipesOf(pipesFolder, order.run);
  mkdirSync(pipesFolder, { recursive: true, mode: 0o700 });
  const ends = await childPipes(pipes);
  try {
    const child = spawnChild(order, ends.stdio);
    const { pid } = child;
    if (pid === undefined) throw await refusal(child, order);
    child.on('error', () => {});
    return {
      pid,
      read: (stream, take) => ends.read(child, stream, take),
      onExit: (run) => void child.once('exit', run),
      held: ends.passedOn,
    };
  } catch (error) {
    ends.passedOn();
    removePipes(pipes);
    throw error;
  }
}

async function launchOnTerminal(order: SpawnOrder): Promise<Launched> {
  const { argv, cwd, env, run } = order;
  const terminal = await openTerminal({ argv, cwd, env: { ...env, [RUN_MARK]: run } }).catch(
    (error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? notStarted(error as NodeJS.ErrnoException, order)
        : error;
    },
  );
  return {
    ...{ pid: terminal.pid, onExit: terminal.onExit, terminal },
    read: (stream, take) => (stream === 'stdout' ? terminal.read(take) : noPipe),
    held: () => {},
  };
}

export class Refusal extends Error {
  readonly code: 'not_found' | 'invalid_input';
  constructor(code: Refusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

function spawnChild({ argv, cwd, env, run }: SpawnOrder, stdio: StdioOptions): ChildProcess {
  const [program = '', ...args] = argv;
  if (program === '') throw new Refusal('invalid_input', 'a program is needed');
  try {
    return spawn(program, args, {
      cwd,
      env: { ...env, [RUN_MARK]: run },
      detached: true,
      stdio,
      windowsHide: true,
    });
  } catch (error) {
    // Node checks before it starts anything: a NUL byte in an argument, for example. Its message echoes the value.
    const code = (error as NodeJS.ErrnoException).code ?? 'refused';
    throw new Refusal(
      'invalid_input',
      `${program}: the arguments or the environment cannot be passed on (${code})`,
    );
  }
}

async function refusal(child: ChildProcess, order: SpawnOrder): Promise<Refusal> {
  return notStarted(
    await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve)),
    order,
  );
}

function notStarted(error: NodeJS.ErrnoException, { argv, cwd }: SpawnOrder): Refusal {
  // The system says ENOENT for a missing folder too, and Node blames the program for it.
  const isFolder = statSync(cwd, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const reason = !isFolder
    ? `the folder ${cwd} does not exist`
    : error.code === 'ENOENT'
      ? 'no such program'
      : (error.code ?? 'cannot be started');
  return new Refusal('not_found', `${argv[0] ?? ''} cannot be started: ${reason}`);
}
