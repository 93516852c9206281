// Makes a fresh clone ready: Node packages, and on Debian the system's packages. Everything here runs without
// node_modules. The second time it only reads a few files.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  ELECTRON_PACKAGES,
  HOST_PACKAGES,
  TEST_PACKAGES,
  installDebianPackages,
  missingDebianPackages,
} from './lib/debian.mjs';
import { hasDisplay } from './lib/display.mjs';
import { withLock } from './lib/lock.mjs';
import { explain, say, step } from './lib/log.mjs';
import { hasPackages, installPackages } from './lib/npm-install.mjs';
import { ROOT, fromRoot } from './lib/paths.mjs';
import { StepError } from './lib/step-error.mjs';

const MIN_NODE = /** @type {const} */ ([20, 19]);

/**
 * Is this Node new enough? Electron's toolchain and Expo both draw the line at 20.19.
 * @param {string} version as `process.versions.node`
 */
export function isNodeSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
}

function checkNode() {
  if (isNodeSupported(process.versions.node)) return;
  throw new StepError(
    `Node ${process.versions.node} is too old: Signalbox needs ${MIN_NODE.join('.')} or newer`,
    {
      mend: 'install a current Node from https://nodejs.org (or with your version manager), then run the command again',
    },
  );
}

/** @param {string} folder */
async function ensureNodePackages(folder) {
  if (!existsSync(`${folder}/package-lock.json`) || hasPackages(folder)) return;
  const what = `npm packages of ${folder === ROOT ? 'the host' : basename(folder)}`;
  await withLock(
    fromRoot('dist', `.setup-${basename(folder)}.lock`),
    async () => {
      if (!hasPackages(folder)) await step(what, () => installPackages(what, folder));
    },
    { onWait: (owner) => say(`- ${what}: waiting for process ${owner}, which is installing them …`) },
  );
}

/** @param {'start' | 'test'} purpose */
function systemPackages(purpose) {
  if (purpose === 'test') return [...HOST_PACKAGES, ...ELECTRON_PACKAGES, ...TEST_PACKAGES];
  return hasDisplay(process) ? [...HOST_PACKAGES, ...ELECTRON_PACKAGES] : HOST_PACKAGES;
}

/** @param {readonly (readonly string[])[]} missing */
function withoutThem(missing) {
  const names = new Set(missing.flat());
  const lost = [
    names.has('git') ? 'git views and commits in workspaces' : '',
    names.has('bubblewrap')
      ? 'running agents and their commands in the sandbox (Signalbox refuses instead)'
      : '',
    ELECTRON_PACKAGES.flat().some((name) => names.has(name)) ? 'the desktop app' : '',
    TEST_PACKAGES.flat().some((name) => names.has(name)) ? 'the end-to-end tests' : '',
  ].filter(Boolean);
  return lost.join('; ');
}

/**
 * Missing system packages are no reason to stop: what needs them says so itself.
 * @param {'start' | 'test'} purpose
 */
async function ensureSystemPackages(purpose) {
  const wanted = systemPackages(purpose);
  const missing = await missingDebianPackages(wanted);
  if (!missing) {
    if (process.platform === 'linux') {
      say(
        `Not a Debian system: make sure that these are installed: ${wanted.map((names) => names[0]).join(', ')}`,
      );
    }
    return;
  }
  if (missing.length === 0) return;
  const names = missing.map((alternatives) => alternatives[0]).join(' ');
  if (process.env['SIGNALBOX_SETUP_APT'] === '0') {
    say(`Left alone, as SIGNALBOX_SETUP_APT=0: missing Debian packages ${names}`);
    say(`  Without them this will not work: ${withoutThem(missing)}`);
    return;
  }
  try {
    await step(`Debian packages: ${names}`, () => installDebianPackages(missing));
  } catch (error) {
    explain(error);
    say(`Going on without them. What will not work: ${withoutThem(missing)}.`);
  }
}

/**
 * Makes sure that everything which `npm start` or `npm test` needs is installed.
 * @param {{ for: 'start' | 'test' }} options
 * @throws {StepError} when something that cannot be done without is missing
 */
export async function ensureSetup({ for: purpose }) {
  checkNode();
  await ensureSystemPackages(purpose);
  await ensureNodePackages(ROOT);
  await ensureNodePackages(fromRoot('mobile'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = performance.now();
  try {
    await ensureSetup({ for: process.argv.includes('--test') ? 'test' : 'start' });
    say(`Ready (${((performance.now() - started) / 1000).toFixed(1)} s).`);
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
