// The tray app beside the least that is one (bare-tray/): the same Electron, the same switches, the same display and bus.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureElectron } from '../build/electron-runtime.mjs';
import { ROOT, fromRoot } from '../build/lib/paths.mjs';
import { startDisplay } from '../e2e/support/xvfb.mjs';
import { freshFolder, start } from './lib/children.mjs';
import { processTree, report, settledPss, spread, until } from './lib/measure.mjs';

const RUNS = 5;
const GOAL_TIME = 1.5;
const GOAL_MEMORY = 1.25;
const INSIDE = 'SIGNALBOX_BENCH_BUS';

/** This script again, on a display and a session bus of its own. */
async function runOnOwnBus() {
  const display = await startDisplay();
  const config = fromRoot('e2e', 'support', 'session-bus.conf');
  const child = spawn(
    'dbus-run-session',
    [`--config-file=${config}`, '--', process.execPath, fromRoot('bench', 'desktop.mjs')],
    { stdio: 'inherit', env: { ...process.env, DISPLAY: display.name, [INSIDE]: '1' } },
  );
  const code = await new Promise((done) => {
    child.once('error', () => done(127));
    child.once('exit', (ended) => done(ended ?? 128));
  });
  await display.stop();
  return code;
}

/** The watcher that icons register with; tells when one does. */
async function startWatcher() {
  const child = spawn('/usr/bin/python3', ['-u', fromRoot('bench', 'lib', 'watcher.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  let tell = () => {};
  await new Promise((done, fail) => {
    lines.once('line', done);
    child.once('exit', (code) => fail(new Error(`the watcher ended with code ${code}`)));
  });
  lines.on('line', () => tell(performance.now()));
  return {
    /** Resolves with the moment of the next registration. */
    next: () => new Promise((done) => (tell = done)),
    stop: () => child.stdin.end(),
  };
}

/** Whether the host behind this socket greets whoever says hello. */
function greets(path) {
  return new Promise((done) => {
    const socket = createConnection(path);
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.write('{"hello":1,"as":"owner"}\n'));
    socket.once('data', (data) => {
      socket.destroy();
      done(data.toString().includes('"hostId"'));
    });
  });
}

function environment(home) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(ELECTRON_|SIGNALBOX_|NODE_|XDG_)/.test(name),
  );
  return { ...Object.fromEntries(kept), SIGNALBOX_HOME: home, XDG_CONFIG_HOME: join(home, 'xdg') };
}

const runtime = process.env[INSIDE] ? await ensureElectron() : null;
const switches = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'];

const SIDES = {
  signalbox: {
    args: () => [ROOT],
    prepare: (home) => writeFileSync(join(home, 'config.yaml'), 'secrets:\n  store: file\n', { mode: 0o600 }),
    ready: (home) => until('the host greets', () => greets(join(home, 'run', 'control.sock'))),
  },
  bare: {
    args: (home) => [`--user-data-dir=${join(home, 'electron')}`, fromRoot('bench', 'bare-tray')],
    prepare: () => {},
    ready: null,
  },
};

const hasWindow = (root) =>
  processTree(root).some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--type=renderer');
    } catch {
      return false;
    }
  });

async function once(side, watcher) {
  const home = freshFolder();
  mkdirSync(join(home.path, 'xdg'));
  side.prepare(home.path);
  const args = [...switches, ...side.args(home.path)];
  const options = { env: environment(home.path), cwd: home.path };
  const registered = watcher.next();
  const app = start(runtime.path, args, options);
  try {
    const early = app.exited.then((code) => {
      throw new Error(`it ended with code ${code}:\n${app.output()}`);
    });
    const trayMs = (await Promise.race([registered, early])) - app.startedAt;
    if (side.ready) await side.ready(home.path);
    const readyMs = side.ready ? performance.now() - app.startedAt : trayMs;
    const quiet = await settledPss(app.pid);
    // A second start opens the window of the first, in both.
    const again = start(runtime.path, args, options);
    await again.exited;
    await again.stop();
    await until('the window is there', () => hasWindow(app.pid));
    const open = await settledPss(app.pid);
    return { trayMs, readyMs, quiet, open };
  } finally {
    await app.stop();
    home.remove();
  }
}

async function measure() {
  const watcher = await startWatcher();
  const seen = { signalbox: [], bare: [] };
  // One of each first, so that the files of both are in the page cache.
  for (const side of Object.values(SIDES)) await once(side, watcher);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [name, side] of Object.entries(SIDES)) seen[name].push(await once(side, watcher));
  }
  watcher.stop();
  const line = (what, unit, goal, pick) => ({
    what,
    unit,
    ours: spread(seen.signalbox.map(pick)),
    peer: { name: 'bare tray app', spread: spread(seen.bare.map(pick)) },
    goal,
    better: 'less',
  });
  report(
    'desktop',
    [
      line('start to tray', 'ms', GOAL_TIME, (one) => one.trayMs),
      line('start to ready', 'ms', GOAL_TIME, (one) => one.readyMs),
      line('PSS without a window', 'MB', GOAL_MEMORY, (one) => one.quiet),
      line('PSS with the window', 'MB', GOAL_MEMORY, (one) => one.open),
    ],
    { electron: runtime.version, source: runtime.source, switches },
  );
}

if (process.env[INSIDE]) await measure();
else process.exitCode = await runOnOwnBus();
