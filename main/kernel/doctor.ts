import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { DoctorCheck } from '../../contract/host.ts';
import type { Home } from './home.ts';
import type { SecretStore } from './ports.ts';

const PROBE_MS = 5_000;
const NEEDED_NODE = [20, 19] as const;

export interface AgentProgram {
  readonly title: string;
  readonly program: string;
}

export interface DoctorDeps {
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the keys of the host lie; null while no host has made any. */
  readonly secrets: SecretStore['kind'] | null;
  /** Programs that speak ACP. */
  readonly agents: readonly AgentProgram[];
  /** Whether the host would find a program to start as an agent. */
  finds(program: string): Promise<boolean>;
  /** Where the packaged ripgrep lies; null when the installation has none. */
  packagedRipgrep(): string | null;
  /** First line of what a program prints, or null when it cannot be run or fails. */
  probe(program: string, args: readonly string[]): Promise<string | null>;
}

export const nodeDoctorDeps: DoctorDeps = {
  platform: process.platform,
  nodeVersion: process.versions.node,
  env: process.env,
  agents: [],
  finds: (program) => isOnPath(program, process.env['PATH'] ?? '', process.platform),
  secrets: null,
  packagedRipgrep() {
    try {
      return (createRequire(import.meta.url)('@vscode/ripgrep') as { rgPath: string }).rgPath;
    } catch {
      return null;
    }
  },
  probe: (program, args) =>
    new Promise((resolve) => {
      execFile(
        program,
        [...args],
        { timeout: PROBE_MS, killSignal: 'SIGKILL', maxBuffer: 65_536 },
        (error, stdout) => {
          resolve(error ? null : (stdout.split('\n')[0] ?? '').trim());
        },
      );
    }),
};

/**
 * What is missing or unsafe on this machine, and the command that mends it. Changes nothing and needs no host.
 * @param deps what differs from this process's own world; for tests, and for callers that know agents
 */
export async function runDoctor(home: Home, deps: Partial<DoctorDeps> = {}): Promise<DoctorCheck[]> {
  const world: DoctorDeps = { ...nodeDoctorDeps, ...deps };
  return Promise.all([
    Promise.resolve(checkNode(world.nodeVersion)),
    checkRipgrep(world),
    checkGit(world),
    checkSandbox(world),
    checkCloudflared(home, world),
    checkHome(home, world),
    checkAgents(world),
    Promise.resolve(checkSecrets(world)),
  ]);
}

const ok = (id: string, summary: string): DoctorCheck => ({ id, state: 'ok', summary, fix: null });

function checkNode(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1]);
  if (enough) return ok('node', `Node ${version}`);
  const needed = NEEDED_NODE.join('.');
  return {
    id: 'node',
    state: 'unsafe',
    summary: `Node ${version} is too old: ${needed} or newer is needed`,
    fix: `install Node ${needed} or newer from https://nodejs.org`,
  };
}

async function checkRipgrep({ packagedRipgrep, probe }: DoctorDeps): Promise<DoctorCheck> {
  const packaged = packagedRipgrep();
  const version = packaged === null ? null : await probe(packaged, ['--version']);
  if (version !== null) return ok('ripgrep', version);
  return {
    id: 'ripgrep',
    state: 'missing',
    summary: 'ripgrep did not answer: searching a workspace fails',
    fix: 'run npm ci in the folder of Signalbox',
  };
}

async function checkGit({ probe }: DoctorDeps): Promise<DoctorCheck> {
  const version = await probe('git', ['--version']);
  if (version !== null) return ok('git', version);
  return {
    id: 'git',
    state: 'missing',
    summary: 'git is not on PATH: changes of a workspace cannot be shown',
    fix: 'install git with the package manager of this system',
  };
}

/** The answer to `--version` is not enough: many systems forbid the namespaces that a sandbox is made of. */
async function checkSandbox({ platform, probe }: DoctorDeps): Promise<DoctorCheck> {
  if (platform === 'darwin') return ok('sandbox', 'seatbelt, a part of macOS');
  if (platform !== 'linux') {
    return {
      id: 'sandbox',
      state: 'warning',
      summary: `there is no sandbox for ${platform}: commands that need one are refused`,
      fix: 'run Signalbox inside WSL 2, or leave the bash mode of the bridge off',
    };
  }
  const version = await probe('bwrap', ['--version']);
  if (version === null) {
    return {
      id: 'sandbox',
      state: 'missing',
      summary: 'bubblewrap is not on PATH: commands that need a sandbox are refused',
      fix: 'sudo apt install bubblewrap (or dnf, pacman, zypper)',
    };
  }
  const works = await probe('bwrap', ['--ro-bind', '/', '/', '--unshare-all', '--die-with-parent', 'true']);
  if (works !== null) return ok('sandbox', version);
  return {
    id: 'sandbox',
    state: 'missing',
    summary: `${version} is installed, but this system does not let it make namespaces: commands that need a sandbox are refused`,
    fix: 'allow unprivileged user namespaces, on Ubuntu with an AppArmor profile for bwrap; in a container run it with them',
  };
}

async function checkCloudflared(home: Home, world: DoctorDeps): Promise<DoctorCheck> {
  const suffix = world.platform === 'win32' ? '.exe' : '';
  for (const program of [join(home.bin, `cloudflared${suffix}`), 'cloudflared']) {
    const version = await world.probe(program, ['--version']);
    if (version !== null) return ok('cloudflared', version);
  }
  return {
    id: 'cloudflared',
    state: 'warning',
    summary: 'cloudflared is not installed: tunnels cannot be opened',
    fix: 'signalbox tunnel install',
  };
}

async function checkHome(home: Home, { platform }: DoctorDeps): Promise<DoctorCheck> {
  const found = await lstat(home.root).catch(() => null);
  if (found === null) return ok('home', `${home.root} is made when the host starts`);
  if (!found.isDirectory()) {
    return {
      id: 'home',
      state: 'unsafe',
      summary: `${home.root} is not a folder`,
      fix: 'choose another with --home or SIGNALBOX_HOME',
    };
  }
  if (platform === 'win32') return ok('home', home.root);
  if (found.uid !== userInfo().uid) {
    return {
      id: 'home',
      state: 'unsafe',
      summary: `${home.root} belongs to another user`,
      fix: 'choose another with --home or SIGNALBOX_HOME',
    };
  }
  const open = await openToOthers([home.root, home.config, home.database, join(home.root, 'secrets')]);
  if (open.length === 0) return ok('home', `${home.root}, for this user only`);
  return {
    id: 'home',
    state: 'unsafe',
    summary: `other users can read or enter ${open.join(', ')}`,
    fix: `chmod -R go= '${home.root.replaceAll("'", `'\\''`)}'`,
  };
}

async function openToOthers(paths: readonly string[]): Promise<string[]> {
  const modes = await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        ({ mode }) => mode,
        () => 0,
      ),
    ),
  );
  return paths.filter((_, index) => ((modes[index] ?? 0) & 0o077) !== 0);
}

async function checkAgents({ agents, finds }: DoctorDeps): Promise<DoctorCheck> {
  const found = [];
  for (const agent of agents) {
    if (await finds(agent.program)) found.push(agent);
  }
  if (found.length > 0) {
    return ok('agents', `found ${found.map(({ title, program }) => `${title} (${program})`).join(', ')}`);
  }
  return {
    id: 'agents',
    state: 'warning',
    summary: 'no agent was found; the built-in agent "demo" is always there',
    fix: 'install an agent that speaks ACP, or: signalbox agents add NAME -- COMMAND',
  };
}

async function isOnPath(program: string, path: string, platform: NodeJS.Platform): Promise<boolean> {
  const suffixes = platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    for (const suffix of suffixes) {
      const file = join(folder, program + suffix);
      const runs = await access(file, constants.X_OK).then(
        async () => (await stat(file)).isFile(),
        () => false,
      );
      if (runs) return true;
    }
  }
  return false;
}

function checkSecrets({ secrets }: DoctorDeps): DoctorCheck {
  if (secrets === 'file') {
    return {
      id: 'keyring',
      state: 'warning',
      summary: 'the keys of the host lie in files that only this user can read: no keyring answered',
      fix: 'run the host in a session with a keyring (Secret Service) before the first device is paired',
    };
  }
  const summary =
    secrets === 'keyring' ? 'the keys of the host are in the OS keyring' : 'no keys have been made yet';
  return { id: 'keyring', state: 'ok', summary, fix: null };
}
