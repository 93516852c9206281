// Builds what changed: the host's programs, the preload, the dashboard and the phone's web app, into dist/.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { MAIN_ENTRIES, PRELOAD_ENTRY, absent, mainBundle, preloadBundle } from './lib/bundles.mjs';
import { withLock } from './lib/lock.mjs';
import { explain, say, step } from './lib/log.mjs';
import { DIST, ROOT, fromRoot } from './lib/paths.mjs';
import { mustRun } from './lib/run.mjs';
import { filesUnder, hashFiles, readText, writeAtomic } from './lib/stamp.mjs';
import { StepError } from './lib/step-error.mjs';

/**
 * @typedef {object} Part
 * @property {readonly string[]} sources must be there
 * @property {readonly string[]} inputs files and folders that the result depends on
 * @property {readonly string[]} outputs below dist/, replaced as wholes
 * @property {(into: string) => Promise<void>} make writes the outputs below `into`
 * @property {boolean} [piecewise] can be built while some of `sources` are missing
 */

/** @param {unknown} error what esbuild or vite threw */
function buildError(error) {
  const message = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  return new StepError('the sources do not build', {
    detail: message.trimEnd(),
    mend: 'mend the lines named above',
  });
}

/** @param {import('esbuild').BuildOptions} options */
async function bundle(options) {
  const { build, formatMessages } = await import('esbuild');
  const result = await build(options).catch((error) => {
    throw buildError(error);
  });
  for (const text of await formatMessages(result.warnings, { kind: 'warning' })) say(text.trimEnd());
}

/** @param {string} into */
async function buildRenderer(into) {
  const { build } = await import('vite');
  await build({
    root: fromRoot('renderer'),
    configFile: fromRoot('renderer', 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(into, 'renderer'), emptyOutDir: true, reportCompressedSize: false },
  }).catch((error) => {
    throw buildError(error);
  });
}

/** @param {string} into */
async function buildCompanion(into) {
  const cli = fromRoot('mobile', 'node_modules', 'expo', 'bin', 'cli');
  const args = ['export', '--platform', 'web', '--output-dir', join(into, 'companion')];
  await mustRun('phone companion', process.execPath, [cli, ...args], {
    cwd: fromRoot('mobile'),
    env: { EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', CI: '1', NODE_ENV: 'production' },
    mend: 'mend the lines above; when nothing explains it, delete mobile/node_modules and run `npm run setup`',
  });
}

function presentEntries() {
  return Object.fromEntries(
    Object.entries(MAIN_ENTRIES).filter(([, source]) => absent([source]).length === 0),
  );
}

/** @type {Record<string, Part>} */
const PARTS = {
  main: {
    sources: Object.values(MAIN_ENTRIES),
    inputs: ['contract', 'main', 'package-lock.json'],
    outputs: ['main', 'cli', 'agents', 'shim', 'chunks'],
    make: (into) => bundle(mainBundle(into, presentEntries())),
    piecewise: true,
  },
  preload: {
    sources: [PRELOAD_ENTRY],
    inputs: ['contract', 'preload', 'package-lock.json'],
    outputs: ['preload'],
    make: (into) => bundle(preloadBundle(join(into, 'preload', 'preload.cjs'))),
  },
  renderer: {
    sources: ['renderer/index.html', 'renderer/vite.config.ts'],
    inputs: ['contract', 'preload', 'renderer', 'package-lock.json'],
    outputs: ['renderer'],
    make: buildRenderer,
  },
  companion: {
    sources: ['mobile/package.json'],
    inputs: ['contract', 'mobile'],
    outputs: ['companion'],
    make: buildCompanion,
  },
};

const BUILDERS = ['build/build.mjs', 'build/lib/bundles.mjs'];
const NOT_BUILT_FROM = /(^|[\\/])(node_modules|\.expo|android|ios|dist[^\\/]*|coverage)$|\.test\.tsx?$/;

/** @param {Part} part */
function stampOf(part) {
  const files = [...part.inputs, ...BUILDERS].flatMap((path) =>
    filesUnder(fromRoot(path), (file) => NOT_BUILT_FROM.test(file)),
  );
  return hashFiles(ROOT, files, process.versions.node);
}

/**
 * @param {string} name
 * @param {Part} part
 * @param {boolean} strict every source has to be there
 */
function checkSources(name, part, strict) {
  const missing = absent(part.sources);
  if (missing.length === 0) return;
  if (!strict && part.piecewise && missing.length < part.sources.length) {
    say(`  ${name} is built without ${missing.join(', ')}, which is not there`);
  } else {
    throw new StepError(`${name} cannot be built: ${missing.join(', ')} is not there`, {
      mend: 'restore it (`git status`), or build other parts with --only',
    });
  }
}

/**
 * @param {string} name
 * @param {Part} part
 * @returns {Promise<boolean>} false when it was built already
 */
async function buildPart(name, part) {
  const stampFile = join(DIST, '.stamps', name);
  const stamp = stampOf(part);
  // `chunks` is only there when programs share something, so what was made is asked of the stamp's own list.
  const [known, ...made] = (readText(stampFile) ?? '').split('\n');
  if (known === stamp && made.every((output) => existsSync(join(DIST, output)))) return false;
  const next = join(DIST, `.next-${name}`);
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  try {
    await step(`build ${name}`, () => part.make(next));
    rmSync(stampFile, { force: true });
    for (const output of part.outputs) rmSync(join(DIST, output), { recursive: true, force: true });
    const outputs = readdirSync(next);
    for (const output of outputs) renameSync(join(next, output), join(DIST, output));
    writeAtomic(stampFile, [stamp, ...outputs].join('\n'));
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
  return true;
}

export const PART_NAMES = Object.keys(PARTS);

/**
 * Builds the parts whose sources changed.
 * @param {{ only?: readonly string[] | undefined }} [options] names out of PART_NAMES; when given, programs whose
 *   source is missing are left out instead of refused
 * @returns {Promise<string[]>} the parts that were built
 * @throws {StepError} when a part does not build
 */
export async function build({ only } = {}) {
  const chosen = only ?? PART_NAMES;
  const unknown = chosen.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    throw new StepError(`there is no part named ${unknown.join(', ')}`, {
      mend: `use ${PART_NAMES.join(', ')}`,
    });
  }
  /** @type {string[]} */
  const built = [];
  await withLock(
    join(DIST, '.build.lock'),
    async () => {
      for (const [name, part] of Object.entries(PARTS)) {
        if (!chosen.includes(name)) continue;
        checkSources(name, part, only === undefined);
        if (await buildPart(name, part)) built.push(name);
      }
    },
    { onWait: (owner) => say(`- build: waiting for process ${owner}, which is building …`) },
  );
  return built;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = performance.now();
  const at = process.argv.indexOf('--only');
  const only = at > 0 ? { only: (process.argv[at + 1] ?? '').split(',') } : {};
  try {
    const { ensureSetup } = await import('./setup.mjs');
    await ensureSetup({ for: 'start' });
    const built = await build(only);
    say(
      `${built.length > 0 ? `Built ${built.join(', ')}` : 'Nothing to build'} (${((performance.now() - started) / 1000).toFixed(1)} s).`,
    );
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
