import { join } from 'node:path';
import { hashFiles, readText, writeAtomic } from './stamp.mjs';
import { mustRun } from './run.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} Lock
 */

const STAMP = join('node_modules', '.signalbox-setup');

/**
 * Is what npm wrote down about node_modules what the lockfile asks for? Optional packages may be missing: they are
 * for other machines.
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed.packages?.[path];
    if (!there) return entry.optional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

/** @param {string} path @returns {Lock} */
function readLock(path) {
  try {
    return JSON.parse(readText(path) ?? '{}');
  } catch {
    return {};
  }
}

/**
 * What the folder's packages depend on: the lockfile, the manifest, and the Node that native parts were chosen for.
 * @param {string} folder
 */
function wantedStamp(folder) {
  const files = ['package-lock.json', 'package.json'].map((name) => join(folder, name));
  return hashFiles(folder, files, `${process.platform} ${process.arch}`);
}

/**
 * Does this folder's node_modules hold what its lockfile says? Cheap when it was asked before.
 * @param {string} folder
 */
export function hasPackages(folder) {
  const stamp = wantedStamp(folder);
  if (readText(join(folder, STAMP)) === stamp) return true;
  const installed = readText(join(folder, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const matches = isInstalled(
    readLock(join(folder, 'package-lock.json')),
    readLock(join(folder, 'node_modules', '.package-lock.json')),
  );
  if (matches) writeAtomic(join(folder, STAMP), stamp);
  return matches;
}

/**
 * `npm ci`, without install scripts: nothing here needs one, and scripts are how a bad package runs code.
 * @param {string} what the step's name
 * @param {string} folder
 */
export async function installPackages(what, folder) {
  await mustRun(what, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ELECTRON_SKIP_BINARY_DOWNLOAD: '1' },
    mend: `look at the lines above; most often the package registry cannot be reached (\`npm ping\`). Then run \`npm ci --ignore-scripts\` in ${folder}`,
  });
  writeAtomic(join(folder, STAMP), wantedStamp(folder));
}
