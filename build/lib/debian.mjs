import { run, mustRun } from './run.mjs';
import { StepError } from './step-error.mjs';

/**
 * What the host calls; each is a list of names for one thing, as Debian and Ubuntu have renamed some.
 * @type {readonly (readonly string[])[]}
 */
export const HOST_PACKAGES = [['git'], ['bubblewrap']];

/** What Electron's binary loads. @type {readonly (readonly string[])[]} */
export const ELECTRON_PACKAGES = [
  ['libgtk-3-0', 'libgtk-3-0t64'],
  ['libnss3'],
  ['libasound2', 'libasound2t64'],
  ['libgbm1'],
  ['libxss1'],
  ['libxtst6'],
  ['libnotify4'],
  ['libsecret-1-0'],
  ['libatspi2.0-0', 'libatspi2.0-0t64'],
  ['xdg-utils'],
];

/** What the tests use on top: a browser, a screen, a session bus. @type {readonly (readonly string[])[]} */
export const TEST_PACKAGES = [
  ['chromium'],
  ['xvfb'],
  ['xauth'],
  ['dbus'],
  ['dbus-x11'],
  ['python3-dbus'],
  ['python3-gi'],
  ['libglib2.0-bin'],
  ['fonts-noto-core'],
  ['procps'],
];

/**
 * Reads `dpkg-query -W -f '${db:Status-Status} ${Package}\n'`.
 * @param {string} listing
 */
export function installedNames(listing) {
  return new Set(
    listing
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length).trim()),
  );
}

/**
 * The things of which no name is installed.
 * @param {readonly (readonly string[])[]} wanted
 * @param {ReadonlySet<string>} installed
 */
export function missingPackages(wanted, installed) {
  return wanted.filter((names) => !names.some((name) => installed.has(name)));
}

/**
 * How root's commands can be run here: `[]` as root, `['sudo', '-n']` where sudo asks for no password, else undefined.
 * @returns {Promise<string[] | undefined>}
 */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await run('sudo', ['-n', 'true'], { timeoutMs: 5_000 })).code === 0 ? ['sudo', '-n'] : undefined;
}

/** @param {readonly (readonly string[])[]} wanted */
async function missingHere(wanted) {
  const listing = await run('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n']);
  return listing.code === 0 ? missingPackages(wanted, installedNames(listing.stdout)) : undefined;
}

/**
 * What of `wanted` this machine lacks; undefined where there is no dpkg.
 * @param {readonly (readonly string[])[]} wanted
 */
export async function missingDebianPackages(wanted) {
  return process.platform === 'linux' ? missingHere(wanted) : undefined;
}

/**
 * The name of each thing that this machine's package lists know.
 * @param {readonly (readonly string[])[]} missing
 */
async function knownNames(missing) {
  const names = await Promise.all(
    missing.map(async (alternatives) => {
      for (const name of alternatives) {
        if ((await run('apt-cache', ['show', '--no-all-versions', name])).code === 0) return name;
      }
      return alternatives[0] ?? '';
    }),
  );
  return names;
}

/** @param {readonly (readonly string[])[]} missing */
export const aptCommand = (missing) =>
  `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.map((n) => n[0]).join(' ')}`;

/**
 * Installs what is missing, or says why it cannot: no apt-get, or no right to.
 * @param {readonly (readonly string[])[]} missing
 */
export async function installDebianPackages(missing) {
  const mend = aptCommand(missing);
  if ((await run('apt-get', ['--version'])).code !== 0)
    throw new StepError('there is no apt-get here', { mend });
  const prefix = await rootPrefix();
  if (!prefix) throw new StepError('installing packages needs root, and sudo asks for a password', { mend });
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  /** @param {string[]} args */
  const apt = async (args) => {
    const words = [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-o',
      'DPkg::Lock::Timeout=120',
      ...args,
    ];
    await mustRun('Debian packages', words[0] ?? '', words.slice(1), { env, mend });
  };
  await apt(['update', '-q']);
  await apt(['install', '-y', '-q', '--no-install-recommends', ...(await knownNames(missing))]);
}
