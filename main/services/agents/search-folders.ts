import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Below the home folder: where installers of Node, of agents and of their package managers put programs. */
const homeFolders = [
  '.local/bin',
  '.npm-global/bin',
  '.npm-packages/bin',
  'bin',
  '.bun/bin',
  '.volta/bin',
  '.cargo/bin',
  '.opencode/bin',
  '.claude/local',
  '.local/share/pnpm',
  'Library/pnpm',
  '.asdf/shims',
  '.local/share/mise/shims',
  'AppData/Roaming/npm',
];
/** Version managers keep one such folder for each Node; the newest comes first. */
const versionFolders = [
  { below: '.nvm/versions/node', bin: 'bin' },
  { below: '.local/share/fnm/node-versions', bin: 'installation/bin' },
  { below: '.local/share/nvm', bin: 'bin' },
];
const systemFolders = ['/usr/local/bin', '/opt/homebrew/bin', '/snap/bin'];
const MAX_VERSIONS = 16;
const MAX_NPMRC = 65_536;

/**
 * Where programs are looked for: PATH first, then the folders in which agents usually are. A desktop session starts
 * its apps with a short PATH that knows nothing of what a shell adds later. Relative entries are left out: an agent
 * starts inside a workspace, whose files must not become programs.
 */
export function searchFolders(env: Environment): { onPath: string[]; beyond: string[] } {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const home = env['HOME'] ?? env['USERPROFILE'];
  const found = [env['NVM_BIN'], env['PNPM_HOME'], prefixBin(env['npm_config_prefix'])];
  if (home !== undefined && isAbsolute(home)) {
    found.push(prefixBin(npmPrefix(home)));
    found.push(...homeFolders.map((folder) => join(home, folder)));
    for (const { below, bin } of versionFolders) {
      found.push(...newestVersions(join(home, below)).map((version) => join(home, below, version, bin)));
    }
  }
  if (process.platform !== 'win32') found.push(...systemFolders);
  const known = new Set(onPath);
  const beyond = found.filter((folder) => folder !== undefined && isAbsolute(folder) && !known.has(folder));
  return { onPath, beyond: [...new Set(beyond as string[])] };
}

const prefixBin = (prefix: string | undefined): string | undefined =>
  prefix === undefined || process.platform === 'win32' ? prefix : join(prefix, 'bin');

/** The `prefix` of the person's ~/.npmrc: where `npm install -g` puts programs, once it was moved. */
function npmPrefix(home: string): string | undefined {
  try {
    const text = readFileSync(join(home, '.npmrc'), 'utf8').slice(0, MAX_NPMRC);
    const value = /^\s*prefix\s*=\s*(.+?)\s*$/m.exec(text)?.[1]?.replace(/^(["'])(.*)\1$/, '$2');
    return value?.replace(/^(?:~(?=\/)|\$\{HOME\})/, home);
  } catch {
    return undefined;
  }
}

function newestVersions(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^v?\d/.test(name))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .slice(0, MAX_VERSIONS);
  } catch {
    return [];
  }
}
