// `signalbox serve` beside the hub of @twsxtd/hapi: from spawn to "ready", and memory three seconds later.
// The other program knows push relays on the internet, so everything here runs in a network namespace that has
// nothing but a loopback: it cannot reach out, whatever it tries.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fromRoot } from '../build/lib/paths.mjs';
import { mustRun } from '../build/lib/run.mjs';
import { freshFolder, start } from './lib/children.mjs';
import { processTree, report, spread, treePss, treeRss } from './lib/measure.mjs';

const RUNS = 5;
const PEER = '@twsxtd/hapi';
const PEER_VERSION = '0.30.7';
const PEER_PORT = 35177;
const GOAL_MS = 700;
const GOAL_MB = 120;
const REST_MS = 3000;
const INSIDE = 'SIGNALBOX_BENCH_ALONE';

const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'signalbox',
  'bench',
  `hapi-${PEER_VERSION}`,
);
const peerProgram = join(cache, 'node_modules', '@twsxtd', `hapi-linux-${process.arch}`, 'bin', 'hapi');

/** Kept outside of the checkout: nothing of it is ever shipped. Its own program is run, without its Node launcher. */
async function installPeer() {
  if (!existsSync(peerProgram)) {
    mkdirSync(cache, { recursive: true });
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      cache,
      `${PEER}@${PEER_VERSION}`,
    ];
    await mustRun(`installing ${PEER}`, 'npm', args, { cwd: cache });
  }
  chmodSync(peerProgram, 0o755);
}

/** This script again, in a network of its own. */
function runAlone() {
  const script = 'ip link set lo up && exec "$0" "$@"';
  const result = spawnSync(
    'unshare',
    ['-rn', 'sh', '-c', script, process.execPath, fromRoot('bench', 'headless.mjs')],
    {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: '1' },
    },
  );
  return result.status ?? 1;
}

/** The addresses that a process tree listens on, as `/proc/net` writes them. */
function listening(root) {
  const inodes = new Set();
  for (const pid of processTree(root)) {
    const links = spawnSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' }).stdout;
    for (const [, inode] of links.matchAll(/socket:\[(\d+)\]/g)) inodes.add(inode);
  }
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9]))
      .map((fields) => fields[1] ?? ''),
  );
}

const bare = () => {
  const {
    DBUS_SESSION_BUS_ADDRESS: _bus,
    XDG_RUNTIME_DIR: _runtime,
    DISPLAY: _display,
    ...env
  } = process.env;
  return env;
};

const SIDES = {
  signalbox: {
    text: '"event":"ready"',
    run: (home) =>
      start(process.execPath, [fromRoot('bin', 'signalbox.mjs'), 'serve', '--json'], {
        cwd: home,
        env: { ...bare(), HOME: home, SIGNALBOX_HOME: join(home, 'h') },
      }),
  },
  hapi: {
    text: 'HAPI Hub is ready!',
    run: (home) =>
      start(peerProgram, ['hub'], {
        cwd: home,
        env: {
          ...bare(),
          HOME: home,
          HAPI_HOME: join(home, 'h'),
          HAPI_LISTEN_HOST: '127.0.0.1',
          HAPI_LISTEN_PORT: String(PEER_PORT),
        },
      }),
  },
};

async function once({ text, run }, home) {
  const child = run(home);
  try {
    const readyMs = await child.printed(text);
    // Both are given the same time to come to rest; the figure is the memory then.
    await pause(REST_MS);
    const addresses = listening(child.pid);
    // 127.0.0.1 in the byte order of /proc/net/tcp.
    const open = addresses.filter((address) => !address.startsWith('0100007F:'));
    if (addresses.length === 0 || open.length > 0)
      throw new Error(`it listens on ${addresses.join(', ') || 'nothing'}`);
    return { readyMs, pss: treePss(child.pid), rss: treeRss(child.pid) };
  } finally {
    await child.stop();
  }
}

/** A first start in an empty home, then a second one in the same. */
async function both(side) {
  const home = freshFolder();
  try {
    const first = await once(side, home.path);
    const again = await once(side, home.path);
    return { first, again };
  } finally {
    home.remove();
  }
}

async function measure() {
  const seen = { signalbox: [], hapi: [] };
  for (let run = 0; run < RUNS; run += 1) {
    for (const [name, side] of Object.entries(SIDES)) seen[name].push(await both(side));
  }
  const of = (name, pick) => spread(seen[name].map(pick));
  const pair = (what, unit, pick, limit) => [
    {
      what,
      unit,
      ours: of('signalbox', pick),
      peer: { name: 'hapi hub', spread: of('hapi', pick) },
      better: 'less',
    },
    { what, unit, ours: of('signalbox', pick), peer: { name: 'limit', limit }, goal: 1, better: 'less' },
  ];
  report(
    'headless',
    [
      ...pair('first start to ready', 'ms', ({ first }) => first.readyMs, GOAL_MS),
      ...pair('next start to ready', 'ms', ({ again }) => again.readyMs, GOAL_MS),
      ...pair('PSS at ready + 3 s', 'MB', ({ first }) => first.pss, GOAL_MB),
      ...pair('RSS at ready + 3 s', 'MB', ({ first }) => first.rss, GOAL_MB),
      ...pair('PSS at ready + 3 s, next start', 'MB', ({ again }) => again.pss, GOAL_MB),
      ...pair('RSS at ready + 3 s, next start', 'MB', ({ again }) => again.rss, GOAL_MB),
    ],
    {
      peer: `${PEER}@${PEER_VERSION}, its own program without the Node launcher`,
      network: 'loopback only, in a namespace',
    },
  );
}

if (process.env[INSIDE]) {
  await measure();
} else {
  await installPeer();
  process.exitCode = runAlone();
}
