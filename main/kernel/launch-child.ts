import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { statSync } from 'node:fs';
import { HostError } from '../../contract/errors.ts';

interface LaunchRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a child in a process group of its own, with pipes.
 * @throws HostError `invalid_input` for arguments that no program can get
 */
export function launchChild(request: LaunchRequest): ChildProcessWithoutNullStreams {
  const [program, ...args] = request.argv;
  if (program === undefined || program === '') throw new HostError('invalid_input', 'a program is needed');
  try {
    return spawn(program, args, {
      cwd: request.cwd,
      env: { ...request.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
  } catch (error) {
    // Node checks before it starts anything: a NUL byte in an argument, for example. Its message echoes the value.
    const code = (error as NodeJS.ErrnoException).code ?? 'refused';
    throw new HostError(
      'invalid_input',
      `${program}: the arguments or the environment cannot be passed on (${code})`,
    );
  }
}

/**
 * Resolves when it runs.
 * @throws HostError `not_found` with what is missing: the program or the folder
 */
export function childStarted(
  child: ChildProcessWithoutNullStreams,
  { argv, cwd }: LaunchRequest,
): Promise<void> {
  const program = argv[0] ?? '';
  return new Promise((resolve, reject) => {
    child.once('spawn', () => {
      child.on('error', () => {});
      resolve();
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      // The system says ENOENT for a missing folder too, and Node blames the program for it.
      const reason = !isFolder(cwd)
        ? `the folder ${cwd} does not exist`
        : error.code === 'ENOENT'
          ? 'no such program'
          : (error.code ?? 'cannot be started');
      reject(new HostError('not_found', `${program} cannot be started: ${reason}`, { program }));
    });
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
