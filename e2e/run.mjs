// Runs the journeys: a display and a session bus of their own, once around all of them.
//   node e2e/run.mjs [--results FILE] [names of files, as vitest takes them]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fromRoot } from '../build/lib/paths.mjs';
import { countsOfRunner, readCounts, settle } from '../build/lib/test-results.mjs';
import { startDisplay } from './support/xvfb.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--results');
const results = at < 0 ? undefined : args.splice(at, 2)[1];

const work = mkdtempSync(join(tmpdir(), 'signalbox-e2e-'));
const report = join(work, 'vitest.json');
const display = process.platform === 'linux' ? await startDisplay() : undefined;

/** The session bus is alive as long as the program that it is started around. */
const bus =
  process.platform === 'linux'
    ? ['dbus-run-session', `--config-file=${fromRoot('e2e', 'support', 'session-bus.conf')}`, '--']
    : [];
const vitest = [
  process.execPath,
  fromRoot('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--config',
  fromRoot('e2e', 'vitest.config.ts'),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...args,
];
const [program = process.execPath, ...rest] = [...bus, ...vitest];

/** @type {Promise<number>} */
const ended = new Promise((done) => {
  const child = spawn(program, rest, {
    cwd: fromRoot(),
    stdio: 'inherit',
    env: { ...process.env, ...(display && { DISPLAY: display.name }) },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.once('error', (error) => {
    process.stderr.write(`${program}: ${error.message}; \`npm run setup\` installs what is missing\n`);
    done(1);
  });
  child.once('exit', (code) => done(code ?? 1));
});

const code = await ended;
const counts = settle(readCounts(report, countsOfRunner), code === 0);
if (results !== undefined) {
  mkdirSync(dirname(resolve(results)), { recursive: true });
  writeFileSync(results, `${JSON.stringify(counts)}\n`);
}
await display?.stop();
rmSync(work, { recursive: true, force: true });
process.exitCode = code;
