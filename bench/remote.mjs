// The ACP remote of `signalbox serve` beside other bridges from stdio to WebSocket, each with the same agent, which
// says everything back. Two of the others listen on every address and ask for no token, so all of it runs in a network
// namespace that has nothing but a loopback.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { fromRoot } from '../build/lib/paths.mjs';
import { mustRun } from '../build/lib/run.mjs';
import { freshFolder, start } from './lib/children.mjs';
import { quantile, report, spread, until } from './lib/measure.mjs';

const RUNS = 5;
const SMALL = { bytes: 1024, count: 3000 };
const MANY = { bytes: 1024, count: 12_000 };
const LARGE = { bytes: 65_536, count: 1500 };
const IN_FLIGHT = 16;
const PEERS = { supergateway: '4.0.0', 'stdio-to-ws': '0.2.0' };
const INSIDE = 'SIGNALBOX_BENCH_ALONE';
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'signalbox',
  'bench',
  'bridges-4.0.0-0.2.0',
);
const node = process.execPath;
const agent = fromRoot('bench', 'lib', 'echo-agent.mjs');
const signalbox = fromRoot('bin', 'signalbox.mjs');

/** Kept outside of the checkout: nothing of them is ever shipped. */
async function installPeers() {
  if (existsSync(join(cache, 'node_modules', 'supergateway'))) return;
  mkdirSync(cache, { recursive: true });
  const packages = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`);
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', cache, ...packages];
  await mustRun('installing the other bridges', 'npm', args, { cwd: cache });
}

/** This script again, in a network of its own. */
function runAlone() {
  const script = 'ip link set lo up && exec "$0" "$@"';
  const result = spawnSync('unshare', ['-rn', 'sh', '-c', script, node, fromRoot('bench', 'remote.mjs')], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  return result.status ?? 1;
}

/** @param {string} home */
const homeEnv = (home) => ({ PATH: process.env.PATH, HOME: home, SIGNALBOX_HOME: join(home, 'h') });

/**
 * @param {string} home
 * @param {string[]} args
 */
function verb(home, ...args) {
  const [head, tail] = args.includes('--')
    ? [args.slice(0, args.indexOf('--')), args.slice(args.indexOf('--'))]
    : [args, []];
  const { status, stdout, stderr } = spawnSync(node, [signalbox, ...head, '--json', ...tail], {
    env: homeEnv(home),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`signalbox ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

/** @param {number} port */
const answers = (port) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );

/**
 * Each starts its bridge: what to connect to, and the process whose CPU counts.
 * @type {Record<string, (home: string) => Promise<{ url: string, headers?: Record<string, string>, pid: number, stop: () => Promise<void> }>>}
 */
const SIDES = {
  async signalbox(home) {
    const child = start(node, [signalbox, 'serve', '--json'], { cwd: home, env: homeEnv(home) });
    await child.printed('"event":"ready"');
    const ready = JSON.parse(child.output().split('\n')[0] ?? '');
    verb(home, 'agents', 'add', 'echo', '--', node, agent);
    verb(home, 'acp', 'serve', 'echo');
    const { token } = verb(home, 'acp', 'token', 'create', '--name', 'bench');
    return {
      url: ready.acp,
      headers: { authorization: `Bearer ${token}` },
      pid: ready.pid,
      stop: child.stop,
    };
  },
  async 'stdio-to-ws'(home) {
    const program = join(cache, 'node_modules', '.bin', 'stdio-to-ws');
    const child = start(node, [program, '-q', '-p', '18120', `${node} ${agent}`], { cwd: home });
    await until('stdio-to-ws answers', () => answers(18120));
    return { url: 'ws://127.0.0.1:18120/', pid: child.pid, stop: child.stop };
  },
  async supergateway(home) {
    const program = join(cache, 'node_modules', 'supergateway', 'dist', 'index.js');
    const options = ['--outputTransport', 'ws', '--port', '18121', '--logLevel', 'none'];
    const child = start(node, [program, '--stdio', `${node} ${agent}`, ...options], { cwd: home });
    await until('supergateway answers', () => answers(18121));
    return { url: 'ws://127.0.0.1:18121/message', pid: child.pid, stop: child.stop };
  },
  async 'the SDK bridge'(home) {
    const child = start(node, [fromRoot('bench', 'lib', 'sdk-bridge.mjs'), '18122', node, agent], {
      cwd: home,
    });
    await child.printed('listening');
    return { url: 'ws://127.0.0.1:18122/acp', pid: child.pid, stop: child.stop };
  },
};

/** Seconds that a process itself has computed. @param {number} pid */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** @param {WebSocket} socket */
function caller(socket) {
  /** @type {Map<number, (bytes: number) => void>} */
  const waiting = new Map();
  let last = 10_000_000;
  socket.on('message', (/** @type {Buffer} */ data) => {
    const id = Number(/"id":"?(\d+)/.exec(data.toString('latin1', 0, 96))?.[1]);
    waiting.get(id)?.(data.length);
    waiting.delete(id);
  });
  return {
    /** @param {string} method @param {string} params */
    call(method, params) {
      last += 1;
      const id = last;
      return new Promise((/** @type {(bytes: number) => void} */ resolve) => {
        waiting.set(id, resolve);
        socket.send(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
      });
    },
  };
}

/**
 * @param {ReturnType<typeof caller>} peer
 * @param {{ bytes: number, count: number }} load
 * @param {number} inFlight
 */
async function echo(peer, { bytes, count }, inFlight) {
  const data = 'a'.repeat(bytes - 70);
  const params = `{"d":"${data}"}`;
  /** @type {number[]} */
  const times = [];
  let left = count;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        const sent = performance.now();
        const came = await peer.call('_echo', params);
        times.push(performance.now() - sent);
        if (came < data.length) throw new Error(`${came} bytes came back of ${data.length}`);
      }
    }),
  );
  return { times, seconds: (performance.now() - from) / 1000 };
}

/** @param {(home: string) => ReturnType<typeof SIDES[string]>} side */
async function once(side) {
  const home = freshFolder();
  const { url, headers, pid, stop } = await side(home.path);
  try {
    const socket = new WebSocket(url, {
      ...(headers && { headers }),
      perMessageDeflate: false,
      maxPayload: 1 << 28,
    });
    await new Promise((done, failed) => {
      socket.once('open', done);
      socket.once('error', failed);
    });
    const peer = caller(socket);
    await peer.call('initialize', '{"protocolVersion":1,"clientCapabilities":{}}');
    await echo(peer, MANY, IN_FLIGHT);
    await echo(peer, { ...LARGE, count: 200 }, IN_FLIGHT);
    const before = cpuSeconds(pid);
    const small = await echo(peer, SMALL, 1);
    const many = await echo(peer, MANY, IN_FLIGHT);
    const between = cpuSeconds(pid);
    const large = await echo(peer, LARGE, IN_FLIGHT);
    const after = cpuSeconds(pid);
    socket.terminate();
    return {
      p50: quantile(small.times, 0.5),
      p99: quantile(small.times, 0.99),
      rate: MANY.count / many.seconds,
      throughput: (LARGE.count * LARGE.bytes) / 1e6 / large.seconds,
      cpuSmall: between - before,
      cpuLarge: after - between,
    };
  } finally {
    await stop();
    home.remove();
  }
}

async function measure() {
  /** @type {Record<string, Awaited<ReturnType<typeof once>>[]>} */
  const seen = Object.fromEntries(Object.keys(SIDES).map((name) => [name, []]));
  for (let run = 0; run < RUNS; run += 1) {
    for (const [name, side] of Object.entries(SIDES)) seen[name]?.push(await once(side));
  }
  const others = Object.keys(SIDES).filter((name) => name !== 'signalbox');
  /** @type {(what: string, unit: string, better: 'less' | 'more', pick: (one: Awaited<ReturnType<typeof once>>) => number, goal?: number) => Parameters<typeof report>[1][number][]} */
  const lines = (what, unit, better, pick, goal) =>
    others.map((name) => ({
      ...{ what, unit, better, ...(goal !== undefined && { goal }) },
      ours: spread((seen['signalbox'] ?? []).map(pick)),
      peer: { name, spread: spread((seen[name] ?? []).map(pick)) },
    }));
  report(
    'remote',
    [
      ...lines('1 KiB there and back, p50', 'ms', 'less', ({ p50 }) => p50, 1),
      ...lines('1 KiB there and back, p99', 'ms', 'less', ({ p99 }) => p99),
      ...lines('1 KiB, 16 in flight', 'messages/s', 'more', ({ rate }) => rate),
      ...lines('64 KiB each way, 16 in flight', 'MB/s', 'more', ({ throughput }) => throughput, 1.2),
      ...lines('CPU of the bridge, all of it', 's', 'less', (one) => one.cpuSmall + one.cpuLarge, 0.5),
      ...lines('CPU of the bridge, the 64 KiB part', 's', 'less', ({ cpuLarge }) => cpuLarge),
      ...lines('CPU of the bridge, the 1 KiB part', 's', 'less', ({ cpuSmall }) => cpuSmall),
    ],
    {
      peers: PEERS,
      network: 'loopback only, in a namespace',
      small: SMALL,
      many: MANY,
      large: LARGE,
      inFlight: IN_FLIGHT,
    },
  );
}

if (process.env[INSIDE]) {
  await measure();
} else {
  await installPeers();
  process.exitCode = runAlone();
}
