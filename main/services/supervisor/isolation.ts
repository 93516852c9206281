import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { ProcessDefinition } from '../../../contract/supervisor.ts';
import { createSandbox } from '../../guard/sandbox.ts';
import { findProgram } from '../../guard/trusted-path.ts';

/** What nobody's development server has to read. */
const HIDDEN = ['.ssh', '.gnupg', '.aws', '.kube', '.docker', '.config/gh', '.config/gcloud', '.netrc'];

/**
 * The command of a process as it is started: as it stands, or inside the sandbox that its definition asks for. There
 * the file system is read-only but for the folder of the process, the folders of keys are hidden, and the network is open.
 * @throws HostError `unavailable` where no such sandbox works: it is never started without one that was asked for
 */
export async function isolated(
  { argv, cwd, isolation }: ProcessDefinition,
  home: string | undefined,
): Promise<readonly string[]> {
  if (isolation === 'none') return argv;
  const probe = await createSandbox().probe();
  const program = probe.kind === 'bubblewrap' && probe.ok ? findProgram('bwrap', '/nonexistent') : null;
  if (program === null) {
    const why = probe.kind === 'bubblewrap' ? probe.message : 'it needs bubblewrap, which is for Linux';
    throw new HostError('unavailable', `the sandbox that this process asks for does not work here: ${why}`);
  }
  const hidden =
    home === undefined ? [] : HIDDEN.map((name) => join(home, name)).filter((path) => existsSync(path));
  return [program, ...sandboxArguments(cwd, hidden, isFolder), '--', ...argv];
}

const isFolder = (path: string): boolean => statSync(path).isDirectory();

/** Later mounts lie over earlier ones. Pure. */
function sandboxArguments(
  cwd: string,
  hidden: readonly string[],
  isDirectory: (path: string) => boolean,
): string[] {
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
    ...hidden.flatMap((path) => (isDirectory(path) ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path])),
    ...['--bind', cwd, cwd, '--chdir', cwd],
  ];
}
