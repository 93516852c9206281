// Runs the measurements, one after the other:
//   node bench/run.mjs [desktop] [headless] [channel] [policy] [secrets] [approval] [remote] [supervisor] [logs]
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { build as bundle } from 'esbuild';
import { build } from '../build/build.mjs';
import { explain } from '../build/lib/log.mjs';
import { fromRoot } from '../build/lib/paths.mjs';

const NAMES = [
  'policy',
  'channel',
  'secrets',
  'approval',
  'remote',
  'supervisor',
  'logs',
  'headless',
  'desktop',
];
const NEEDS_BUILD = ['remote', 'supervisor', 'headless', 'desktop'];

/** Measurements of our own modules are TypeScript: one file is made of each, and it is gone afterwards. */
async function scriptOf(name) {
  const plain = fromRoot('bench', `${name}.mjs`);
  if (existsSync(plain)) return plain;
  const outfile = fromRoot('bench', 'output', `.${name}.bundle.mjs`);
  await bundle({
    absWorkingDir: fromRoot(),
    entryPoints: [`bench/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    alias: { vitest: fromRoot('bench', 'lib', 'test-cleanup.mjs') },
    define: { 'import.meta.dirname': JSON.stringify(fromRoot('bench')) },
    logLevel: 'error',
  });
  return outfile;
}

async function runOne(name) {
  const script = await scriptOf(name);
  const code = await new Promise((done) => {
    const child = spawn(process.execPath, ['--expose-gc', script], { cwd: fromRoot(), stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => child.kill(signal));
    child.once('error', () => done(127));
    child.once('exit', (ended) => done(ended ?? 128));
  });
  if (script.endsWith('.bundle.mjs')) rmSync(script, { force: true });
  return code;
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !NAMES.includes(name));
const names = asked.length > 0 ? asked : NAMES;
if (unknown.length > 0) {
  process.stderr.write(
    `there is no measurement named ${unknown.join(', ')}; there are ${NAMES.join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  try {
    if (names.some((name) => NEEDS_BUILD.includes(name)))
      await build({ only: ['main', 'preload', 'renderer'] });
    for (const name of names) {
      if ((await runOne(name)) !== 0) {
        process.stderr.write(`${name}: not measured\n`);
        process.exitCode = 1;
      }
    }
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
