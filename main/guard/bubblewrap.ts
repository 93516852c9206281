/** How much a command may do: read the workspace, write it, write it with the network, or no sandbox at all. */
export type SandboxProfile = 'ro' | 'ws' | 'ws+net' | 'none';

export interface Masks {
  /** Workspace-relative files that are shown empty. */
  readonly files: readonly string[];
  /** Workspace-relative directories that are shown empty. */
  readonly directories: readonly string[];
  /** Workspace-relative paths that stay read-only in a writable workspace. */
  readonly readOnly: readonly string[];
}

export interface BubblewrapOptions {
  readonly profile: Exclude<SandboxProfile, 'none'>;
  /** Absolute path of the workspace; it is seen under the same path inside. */
  readonly root: string;
  /** Working directory inside the workspace, `''` for the root. */
  readonly cwd: string;
  readonly masks: Masks;
  /** An empty file outside the workspace. */
  readonly emptyFile: string;
  /** Further absolute paths shown read-only: programs that do not live under /usr. */
  readonly programs: readonly string[];
  /** Descriptor with the seccomp filter, or null. */
  readonly seccompFd: number | null;
  /** bubblewrap 0.8 can forbid further user namespaces. */
  readonly disableUserns: boolean;
  readonly limits: Limits | null;
}

/** Resource limits, set inside the sandbox by `prlimit`. */
export interface Limits {
  readonly prlimit: string;
  readonly cpuSeconds: number;
  readonly processes: number;
  readonly fileBytes: number;
  readonly openFiles: number;
}

const systemDirectories = ['/usr', '/lib', '/lib64', '/lib32', '/bin', '/sbin', '/nix/store'];
const systemFiles = ['/etc/passwd', '/etc/group', '/etc/nsswitch.conf', '/etc/ld.so.cache', '/etc/localtime'];
const systemOptional = ['/etc/alternatives', '/etc/ssl', '/etc/ca-certificates', '/etc/pki'];
const networkFiles = ['/etc/resolv.conf', '/etc/hosts', '/etc/services'];

/**
 * Arguments of `bwrap` for a command: nothing of the host is visible but the system directories and the workspace;
 * no capability, no network (unless `ws+net`), own process tree, no terminal. The environment is not here: it is the
 * environment of bwrap itself, so no value appears in a process list. Pure.
 */
export function bubblewrapArguments(options: BubblewrapOptions, argv: readonly string[]): string[] {
  const { root, masks } = options;
  const inside = (path: string): string => `${root}/${path}`;
  const args = ['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'];
  if (options.profile === 'ws+net') args.push('--share-net');
  if (options.disableUserns) args.push('--disable-userns');
  if (options.seccompFd !== null) args.push('--seccomp', String(options.seccompFd));
  args.push(
    '--hostname',
    'sandbox',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    '--dir',
    '/tmp/home',
  );
  const etc = [...systemFiles, ...systemOptional, ...(options.profile === 'ws+net' ? networkFiles : [])];
  for (const path of [...systemDirectories, ...etc]) args.push('--ro-bind-try', path, path);
  args.push(options.profile === 'ro' ? '--ro-bind' : '--bind', root, root);
  for (const path of options.programs) args.push('--ro-bind', path, path);
  // A directory that holds a protected path becomes a mount point itself, so it cannot be renamed out of the way.
  const holders = options.profile === 'ro' ? [] : new Set(masks.readOnly.flatMap(holdersOf));
  for (const path of holders) args.push('--bind', inside(path), inside(path));
  for (const path of masks.readOnly) args.push('--ro-bind-try', inside(path), inside(path));
  for (const path of masks.files) args.push('--ro-bind', options.emptyFile, inside(path));
  for (const path of masks.directories) args.push('--tmpfs', inside(path));
  args.push('--chdir', options.cwd === '' ? root : inside(options.cwd), '--');
  return [...args, ...limited(options.limits), ...argv];
}

const holdersOf = (path: string): string[] =>
  path.split('/').flatMap((_part, index, parts) => (index === 0 ? [] : [parts.slice(0, index).join('/')]));

/** Prefix that sets the limits for what follows; empty without `prlimit`. */
export function limited(limits: Limits | null): string[] {
  if (limits === null) return [];
  const { prlimit, cpuSeconds, processes, fileBytes, openFiles } = limits;
  const numbers = [
    `--cpu=${cpuSeconds}`,
    `--nproc=${processes}`,
    `--fsize=${fileBytes}`,
    `--nofile=${openFiles}`,
  ];
  return [prlimit, ...numbers, '--core=0', '--'];
}
