// The supervisor of `signalbox serve` beside the daemon of pm2: starting and restarting 20 processes, memory, and a
// million lines of 100 bytes from a process into its log.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fromRoot } from '../build/lib/paths.mjs';
import { mustRun } from '../build/lib/run.mjs';
import { freshFolder, start } from './lib/children.mjs';
import { processTree, report, spread, until } from './lib/measure.mjs';

const RUNS = 5;
const PEER_VERSION = '7.0.4';
const COUNT = 20;
const LINES = 1_000_000;
const LINE_BYTES = 100;
const LOG_BYTES = LINES * LINE_BYTES;
const REST_MS = 2000;
/** At least as fast; half the processor time and half the memory. */
const AS_FAST = 1;
const HALF = 0.5;

const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'signalbox',
  'bench',
  `pm2-${PEER_VERSION}`,
);
const pm2 = join(cache, 'node_modules', 'pm2', 'bin', 'pm2');
const signalbox = fromRoot('bin', 'signalbox.mjs');

/** Kept outside of the checkout: nothing of it is ever shipped. */
async function installPeer() {
  if (existsSync(pm2)) return;
  mkdirSync(cache, { recursive: true });
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', cache];
  await mustRun('installing pm2', 'npm', ['install', ...flags, `pm2@${PEER_VERSION}`], { cwd: cache });
}

const IDLE = 'setInterval(() => {}, 1e6);\n';
const SPAM = `
const block = Buffer.from(('x'.repeat(${LINE_BYTES - 1}) + '\\n').repeat(1000));
let sent = 0;
(function go() {
  while (sent < ${LINES / 1000}) {
    sent += 1;
    if (!process.stdout.write(block)) return process.stdout.once('drain', go);
  }
  setInterval(() => {}, 1e6);
})();
`;

/** A command of the one or the other; how long it took, in milliseconds. */
function command(args, { cwd, env }) {
  const before = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return performance.now() - before;
}

/** Processor time of these, seconds, with what their ended children used. Linux: proc_pid_stat(5), ticks of 10 ms. */
function cpuSeconds(pids) {
  return pids
    .map((pid) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    })
    .reduce((sum, one) => sum + one, 0);
}

/**
 * Memory of these, MB: all that is resident, and with a page that k processes share counted as 1/k, for the supervised
 * ones are Node processes too.
 */
function memory(pids) {
  const texts = pids.map((pid) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const sum = (field) =>
    texts.reduce(
      (kib, text) => kib + Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
      0,
    );
  return { rss: (sum('Rss') * 1024) / 1e6, pss: (sum('Pss') * 1024) / 1e6 };
}

/** Bytes of all log files below. */
function bytesBelow(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.log(\.\d+)?$/.test(entry.name))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** The processes that supervise: all of the tree but the supervised ones and what those started. */
function supervising(root, isSupervised) {
  const children = new Set(
    processTree(root)
      .filter(isSupervised)
      .flatMap((pid) => processTree(pid)),
  );
  return processTree(root).filter((pid) => !children.has(pid));
}

const runsScript = (pid) => {
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return /(?:idle|spam)\.js/.test(line) && !line.includes('signalbox.mjs');
};

/** Ours: a headless host. Its shim is of its tree, or is found by the home that both are given. */
async function openSignalbox(folder) {
  const env = { ...process.env, SIGNALBOX_HOME: join(folder, 'home'), XDG_STATE_HOME: join(folder, 'state') };
  const at = { cwd: folder, env };
  writeFileSync(
    join(folder, 'signalbox.yaml'),
    JSON.stringify({
      processes: Object.fromEntries(
        Array.from({ length: COUNT }, (_, i) => [
          `p${i}`,
          { cmd: [process.execPath, join(folder, 'idle.js')] },
        ]),
      ),
    }),
  );
  const host = start(process.execPath, [signalbox, 'serve', '--json'], at);
  await host.printed('"event":"ready"');
  const call = (...args) => command([signalbox, ...args], at);
  const names = Array.from({ length: COUNT }, (_, i) => `p${i}`);
  return {
    pids: () => supervising(host.pid, runsScript),
    all: () => processTree(host.pid),
    startAll: () => call('up'),
    restartAll: () => call('restart', ...names),
    stopAll: () => call('stop-all'),
    spam: () => call('run', 'spam', '--', process.execPath, join(folder, 'spam.js')),
    logged: () => bytesBelow(join(folder, 'home')),
    close: () => host.stop(),
  };
}

async function openPm2(folder) {
  const env = { ...process.env, PM2_HOME: join(folder, 'pm2'), PM2_DISABLE_VERSION_CHECK: 'true' };
  const at = { cwd: folder, env };
  const apps = Array.from({ length: COUNT }, (_, i) => ({ name: `p${i}`, script: join(folder, 'idle.js') }));
  writeFileSync(join(folder, 'eco.config.js'), `module.exports = ${JSON.stringify({ apps })};`);
  const call = (...args) => command([pm2, ...args], at);
  call('ping');
  const pid = Number(readFileSync(join(folder, 'pm2', 'pm2.pid'), 'utf8'));
  const log = join(folder, 'pm2', 'spam.log');
  return {
    pids: () => supervising(pid, runsScript),
    all: () => processTree(pid),
    startAll: () => call('start', 'eco.config.js'),
    restartAll: () => call('restart', 'all'),
    stopAll: () => call('delete', 'all'),
    spam: () => call('start', join(folder, 'spam.js'), '--name', 'spam', '--no-autorestart', '-o', log),
    logged: () => (existsSync(log) ? statSync(log).size : 0),
    close: () => void call('kill'),
  };
}

/** @param bare memory of as many processes that nobody supervises */
async function once(open, bare) {
  const folder = freshFolder();
  writeFileSync(join(folder.path, 'idle.js'), IDLE);
  writeFileSync(join(folder.path, 'spam.js'), SPAM);
  const side = await open(folder.path);
  try {
    await pause(REST_MS);
    const idle = memory(side.pids());
    const startMs = side.startAll();
    await pause(REST_MS);
    const withAll = memory(side.pids());
    const inAll = memory(side.all());
    const restartMs = side.restartAll();
    side.stopAll();
    const cpuBefore = cpuSeconds(side.pids());
    const loggedBefore = side.logged();
    const before = performance.now();
    side.spam();
    await until('a million lines are in the log', () => side.logged() - loggedBefore >= LOG_BYTES, 120_000);
    const logMs = performance.now() - before;
    await pause(REST_MS);
    return {
      ...{ idleRss: idle.rss, idlePss: idle.pss, allRss: withAll.rss, allPss: withAll.pss },
      // A supervisor may put code of its own into what it supervises.
      ...{ costRss: inAll.rss - bare.rss, costPss: inAll.pss - bare.pss },
      ...{ startMs, restartMs, logMs, logCpu: cpuSeconds(side.pids()) - cpuBefore },
    };
  } finally {
    await side.close();
    folder.remove();
  }
}

/** Memory of so many Node processes that do nothing, each started by nobody but this bench. */
async function idleProcesses(count) {
  const folder = freshFolder();
  writeFileSync(join(folder.path, 'idle.js'), IDLE);
  // As little as can be: what an environment makes Node load is not counted for a supervisor.
  const at = { cwd: folder.path, env: { PATH: process.env.PATH } };
  const children = Array.from({ length: count }, () =>
    start(process.execPath, [join(folder.path, 'idle.js')], at),
  );
  try {
    await pause(REST_MS);
    return memory(children.map(({ pid }) => pid));
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    folder.remove();
  }
}

await installPeer();
const seen = { signalbox: [], pm2: [], floor: [] };
for (let run = 0; run < RUNS; run += 1) {
  const bare = await idleProcesses(COUNT);
  seen.signalbox.push(await once(openSignalbox, bare));
  seen.pm2.push(await once(openPm2, bare));
  // What no supervisor written for Node can be below.
  seen.floor.push((await idleProcesses(1)).rss);
}
const line = (what, unit, key, goal) => ({
  ...{ what, unit, goal, better: 'less' },
  ours: spread(seen.signalbox.map((one) => one[key])),
  peer: { name: 'pm2', spread: spread(seen.pm2.map((one) => one[key])) },
});
report(
  'supervisor',
  [
    line(`starting ${COUNT} processes`, 'ms', 'startMs', AS_FAST),
    line('restarting all', 'ms', 'restartMs', AS_FAST),
    line('memory of the daemon at rest (RSS)', 'MB', 'idleRss', HALF),
    line('memory of the daemon at rest (PSS)', 'MB', 'idlePss', HALF),
    line(`memory of the daemon with ${COUNT} processes (RSS)`, 'MB', 'allRss', HALF),
    line(`memory of the daemon with ${COUNT} processes (PSS)`, 'MB', 'allPss', HALF),
    line(`${COUNT} processes: what supervising adds in all (RSS)`, 'MB', 'costRss', HALF),
    line(`${COUNT} processes: what supervising adds in all (PSS)`, 'MB', 'costPss', HALF),
    {
      ...{ what: 'a Node process that does nothing (RSS)', unit: 'MB', better: 'less' },
      ours: spread(seen.floor),
      peer: { name: 'pm2 at rest', spread: spread(seen.pm2.map((one) => one.idleRss)) },
    },
    line('a million lines until they are in the log', 'ms', 'logMs', AS_FAST),
    line('processor time for them', 's', 'logCpu', HALF),
  ],
  { peer: `pm2@${PEER_VERSION}`, ours: 'the whole headless host, with its capture process' },
);
