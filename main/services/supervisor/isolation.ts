import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { ProcessDefinition } from '../../../contract/supervisor.ts';
import { createSandbox } from '../../guard/sandbox.ts';
import { findProgram } from '../../guard/trusted-path.ts';

/** What nobody's development server has to read. */
const KEYS = ['.ssh', '.gnupg', '.aws', '.kube', '.docker', '.config/gh', '.config/gcloud', '.netrc'];
/** Of the sockets and files of running services, what names are looked up with and where some systems have programs. */
const SHOWN_OF_RUN = [
  ...['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager/resolv.conf'],
  '/run/current-system',
];

export interface IsolationDeps {
  /** Home of the user, where their keys are. */
  readonly home: string | undefined;
  /** Folders of the host itself: who reads them, or connects to what listens there, is the owner. */
  readonly hostFolders: readonly string[];
}

/**
 * The command of a process as it is started: as it stands, or inside the sandbox that its definition asks for. There
 * the file system is read-only but for the folder of the process. Keys, the folders of this host, and the sockets of
 * running services (a desktop's bus or a container engine would start anything outside) are not there. The network is open.
 * @throws HostError `unavailable` where no such sandbox works: it is never started without one that was asked for;
 *   `invalid_input` for a folder within what is hidden
 */
export async function isolated(
  { argv, cwd, isolation }: ProcessDefinition,
  deps: IsolationDeps,
): Promise<readonly string[]> {
  if (isolation === 'none') return argv;
  const probe = await createSandbox().probe();
  const program = probe.kind === 'bubblewrap' && probe.ok ? findProgram('bwrap', '/nonexistent') : null;
  if (program === null) {
    const why = probe.kind === 'bubblewrap' ? probe.message : 'it needs bubblewrap, which is for Linux';
    throw new HostError('unavailable', `the sandbox that this process asks for does not work here: ${why}`);
  }
  return [program, ...sandboxArguments(realFolder(cwd), hiddenPaths(deps)), '--', ...argv];
}

/** A link's mount would lie over what it points at, so all paths are real ones. */
function hiddenPaths({ home, hostFolders }: IsolationDeps): Hidden[] {
  const keys = home === undefined ? [] : KEYS.map((name) => join(home, name));
  return [...keys, ...hostFolders]
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
    .map((path) => ({ path, isFolder: statSync(path).isDirectory() }));
}

function realFolder(cwd: string): string {
  // One that is missing is told of by whoever starts the program.
  return existsSync(cwd) ? realpathSync(cwd) : cwd;
}

/** The folder of the process is shown whole, so it may not be what hides something, nor hold all that there is. */
function refuseFolder(cwd: string, hidden: readonly Hidden[]): void {
  const within = ['/run', ...hidden.map(({ path }) => path)].find((path) => `${cwd}/`.startsWith(`${path}/`));
  if (within === undefined && cwd !== '/') return;
  const why = within === undefined ? 'holds everything' : `is within ${within}, which the sandbox hides`;
  throw new HostError('invalid_input', `${cwd} ${why}: a process in the sandbox needs another folder`);
}

interface Hidden {
  readonly path: string;
  readonly isFolder: boolean;
}

/** Later mounts lie over earlier ones. Pure. */
function sandboxArguments(cwd: string, hidden: readonly Hidden[]): string[] {
  refuseFolder(cwd, hidden);
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--tmpfs', '/run'],
    ...SHOWN_OF_RUN.flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--bind', cwd, cwd],
    // After the folder, which may be one that holds them.
    ...hidden.flatMap(({ path, isFolder }) =>
      isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path],
    ),
    ...['--chdir', cwd],
  ];
}
