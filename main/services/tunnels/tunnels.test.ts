import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TunnelStatus } from '../../../contract/tunnels.ts';
import { tunnelCommands } from '../../../contract/tunnels.ts';
import type { AuditEntry } from '../../kernel/auditor.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase, type Database } from '../../kernel/database.ts';
import type { Clock } from '../../kernel/ports.ts';
import { createProcessGroups, type ProcessGroups } from '../../kernel/process-groups.ts';
import { createProcessTable } from '../../kernel/process-table.ts';
import { createTunnels, type Tunnels } from './tunnels.ts';

const owner = ownerCaller('desktop');
const EDGE = 'http://127.0.0.1:18080';

let folder: string;
let db: Database;
let groups: ProcessGroups;
let tunnels: Tunnels;
let events: TunnelStatus[];
let audit: AuditEntry[];
let names: (string | null)[];
let printed: string;
let hasToken: boolean;
let auditFails: boolean;
let looks: Set<() => void>;
let longTimers: { ms: number; run: () => void }[];

/** Real time for short waits; waits of 30 s and more are kept for the test to run. */
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    if (ms >= 30_000) {
      const entry = { ms, run };
      longTimers.push(entry);
      return () => void (longTimers = longTimers.filter((one) => one !== entry));
    }
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunnels-'));
  for (const name of ['bin', 'run', 'path']) mkdirSync(join(folder, name));
  db = openDatabase(':memory:');
  [events, audit, names, printed, hasToken, auditFails, looks, longTimers] = [
    [],
    [],
    [],
    '',
    true,
    false,
    new Set(),
    [],
  ];
  const log = { info() {}, warn() {}, error() {} };
  groups = createProcessGroups({ db, clock, log });
  tunnels = make();
  install('ready');
});

afterEach(async () => {
  await tunnels.stop();
  await groups.stopAll();
  db.close();
  rmSync(folder, { recursive: true });
});

function make(configBinary?: string): Tunnels {
  const made = createTunnels({
    publish(event) {
      if (event.type === 'tunnel.changed') events.push(event.tunnel);
      for (const look of [...looks]) look();
    },
    clock,
    random: { bytes: (count) => new Uint8Array(count), id: () => 'id' },
    log: { info() {}, warn() {}, error() {} },
    audit: {
      append: async (entry) => {
        if (auditFails) throw new Error('disk full');
        audit.push(entry);
      },
    },
    processGroups: groups,
    binDir: join(folder, 'bin'),
    runDir: join(folder, 'run'),
    configBinary,
    hostEnv: {
      PATH: `${join(folder, 'path')}:relative:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TUNNEL_HOSTNAME: 'evil.example.com',
      NO_TLS_VERIFY: 'true',
    },
    edgeUrl: async () => EDGE,
    hasToken: () => hasToken,
    logFile: { write: (text) => void (printed += text) },
  });
  made.onHostname((name) => names.push(name));
  return made;
}

/** Puts a cloudflared that behaves in this way into a folder of the PATH. */
function install(mode: string, { version = '2026.8.2', where = 'path' } = {}): string {
  const path = join(folder, where, 'cloudflared');
  const quoted = (text: string) => `'${text}'`;
  const env = {
    STAND_IN_MODE: mode,
    STAND_IN_CONTROL: join(folder, 'control'),
    STAND_IN_REPORT: join(folder, 'report'),
    STAND_IN_VERSION: version,
  };
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const script = join(import.meta.dirname, 'cloudflared-stand-in.mjs');
  writeFileSync(
    path,
    `#!/bin/sh\n${assignments.join(' ')} exec ${quoted(process.execPath)} ${quoted(script)} "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

const open = async (input: Parameters<(typeof tunnelCommands)['tunnels.open']['input']['parse']>[0] = {}) =>
  tunnels.handlers['tunnels.open'](tunnelCommands['tunnels.open'].input.parse(input), owner);
const close = () => tunnels.handlers['tunnels.close']({}, owner);
const tell = (wish: string) => writeFileSync(join(folder, 'control'), wish);
const report = () =>
  JSON.parse(readFileSync(join(folder, 'report'), 'utf8')) as {
    argv: string[];
    env: Record<string, string>;
    config: string;
    pid: number;
  };

async function state(wanted: TunnelStatus['state']): Promise<TunnelStatus> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`still ${JSON.stringify(tunnels.snapshot())}`)), 8000);
    const look = () => {
      if (tunnels.snapshot().state !== wanted) return;
      clearTimeout(timer);
      looks.delete(look);
      resolve();
    };
    looks.add(look);
    look();
  });
  return tunnels.snapshot();
}

const reasonOf = (status: TunnelStatus) => (status.state === 'failed' ? status.reason : '');
const isAlive = (pid: number) => createProcessTable().startTime(pid) !== null;

test('a quick tunnel becomes ready, its name is told first, and closing ends it', async () => {
  expect(await open()).toMatchObject({ state: 'starting', driver: 'quick', openedBy: 'owner:desktop' });
  const ready = await state('ready');
  expect(ready).toMatchObject({ url: 'https://lab-quiet-otter.trycloudflare.com' });
  expect(names).toEqual([null, 'lab-quiet-otter.trycloudflare.com']);
  expect(printed).toContain('Starting metrics server');
  const { pid } = report();
  expect(await close()).toEqual({ state: 'off' });
  expect(names.at(-1)).toBeNull();
  expect(isAlive(pid)).toBe(false);
  expect(audit.map((entry) => entry.type)).toEqual(['tunnel.opened', 'tunnel.closed']);
});

test('cloudflared gets our configuration, only a local address, and nothing of the environment that steers it', async () => {
  await open();
  await state('ready');
  const { argv, env, config } = report();
  expect(argv).toEqual([
    'tunnel',
    '--no-autoupdate',
    '--config',
    join(folder, 'run', 'tunnel-empty.yml'),
    '--metrics',
    '127.0.0.1:0',
    '--grace-period',
    '5s',
    '--output',
    'json',
    '--loglevel',
    'info',
    '--protocol',
    'http2',
    '--url',
    EDGE,
  ]);
  expect(config.trim()).toBe('{}');
  expect(env).toMatchObject({
    TUNNEL_NO_PRECHECKS: 'true',
    TUNNEL_MANAGEMENT_DIAGNOSTICS: 'false',
    HOME: folder,
  });
  expect(env).not.toHaveProperty('TUNNEL_HOSTNAME');
  expect(env).not.toHaveProperty('NO_TLS_VERIFY');
});

test('without an access token nothing is opened', async () => {
  hasToken = false;
  await expect(open()).rejects.toMatchObject({ code: 'not_permitted' });
  expect(tunnels.snapshot()).toEqual({ state: 'off' });
});

test('what cannot be put on record is not opened', async () => {
  auditFails = true;
  await expect(open()).rejects.toThrow('disk full');
  expect(events).toEqual([]);
  auditFails = false;
});

test('a second tunnel is refused while one is open, and possible afterwards', async () => {
  await open();
  await expect(open()).rejects.toMatchObject({ code: 'conflict' });
  await state('ready');
  await close();
  await open();
  await state('ready');
});

test('a missing, unknown or too old cloudflared is told with what to do', async () => {
  rmSync(join(folder, 'path', 'cloudflared'));
  await expect(open()).rejects.toMatchObject({ code: 'unavailable', message: /not found\. Install it/ });
  install('ready', { version: '2025.6.0' });
  await expect(open()).rejects.toMatchObject({
    code: 'unavailable',
    message: /2025\.6\.0; at least 2025\.6\.1/,
  });
  install('ready', { version: '' });
  await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
  expect(tunnels.snapshot()).toEqual({ state: 'off' });
});

test('the configured cloudflared wins over the one in the home, which wins over the PATH', async () => {
  install('usage');
  install('ready', { where: 'bin' });
  await open();
  await state('ready');
  await close();
  install('usage', { where: 'bin' });
  await tunnels.stop();
  tunnels = make(install('ready', { where: 'run' }));
  await open();
  await state('ready');
  await tunnels.stop();
  tunnels = make('/no/such/cloudflared');
  await expect(open()).rejects.toMatchObject({ code: 'unavailable', message: /tunnel\.binary/ });
});

test('a tunnel closes when its time is over', async () => {
  const status = await open({ forMs: 60_000 });
  expect(status).toMatchObject({ closesAt: expect.stringMatching(/Z$/) as unknown });
  await state('ready');
  longTimers.find(({ ms }) => ms === 60_000)?.run();
  await state('off');
  expect(names.at(-1)).toBeNull();
});

test('a usage error counts as a failure although its exit code is 0', async () => {
  install('usage');
  await open();
  expect(reasonOf(await state('failed'))).toContain(
    'Incorrect Usage: flag provided but not defined: -output',
  );
});

test('a limit of Cloudflare leads to a long pause and no second try', async () => {
  install('rate-limited');
  await open();
  expect(reasonOf(await state('failed'))).toContain('429');
  install('ready');
  await expect(open()).rejects.toMatchObject({ code: 'too_many' });
  expect(events.filter((status) => status.state === 'starting')).toHaveLength(1);
});

test('a name that is none of a quick tunnel is never told', async () => {
  install('evil-name');
  await open();
  await state('failed');
  expect(names).toEqual([null]);
});

test('a crash is told with the first line that explains it and the name is gone at once', async () => {
  await open();
  await state('ready');
  tell('crash');
  expect(reasonOf(await state('failed'))).toContain('Initiating shutdown: the disk is on fire');
  expect(names.at(-1)).toBeNull();
  expect(await close()).toEqual({ state: 'off' });
});

test('a lost connection is reconnecting, keeps its name and comes back by itself', async () => {
  await open();
  await state('ready');
  const { pid } = report();
  tell('lose');
  expect(await state('reconnecting')).toMatchObject({ url: 'https://lab-quiet-otter.trycloudflare.com' });
  tell('find');
  await state('ready');
  expect(report().pid).toBe(pid);
  expect(names).toEqual([null, 'lab-quiet-otter.trycloudflare.com']);
});

test('a tunnel that never connects fails in the end and its child is ended', async () => {
  install('never-ready');
  await open();
  const { pid } = await untilReported();
  longTimers.find(({ ms }) => ms === 120_000)?.run();
  expect(reasonOf(await state('failed'))).toContain('not connected to Cloudflare after 120 s');
  await close();
  expect(isAlive(pid)).toBe(false);
});

test('closing while it starts leaves nothing behind', async () => {
  install('never-ready');
  const opening = open();
  const closed = close();
  await expect(opening).rejects.toMatchObject({ code: 'conflict' });
  expect(await closed).toEqual({ state: 'off' });
  expect(db.all('SELECT pid FROM children')).toEqual([]);
});

async function untilReported(): Promise<{ pid: number }> {
  for (const end = performance.now() + 5000; performance.now() < end;) {
    try {
      return report();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  throw new Error('cloudflared did not start');
}

function tokenFile(content: string, mode = 0o600): string {
  const file = join(folder, 'token');
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
  return file;
}
const TOKEN = Buffer.from(
  JSON.stringify({ a: 'account', s: 'c2VjcmV0', t: 'b3a78b35-5f3f-4c53-8c3e-0d10ea78cefa' }),
).toString('base64');

test('a named tunnel gets the path of its token, never the token', async () => {
  const file = tokenFile(TOKEN);
  await open({ driver: 'named', tokenFile: file, hostname: 'Box.Example.org' });
  expect(await state('ready')).toMatchObject({ url: 'https://box.example.org' });
  const { argv, env } = report();
  expect(argv.slice(argv.indexOf('run'))).toEqual([
    'run',
    '--protocol',
    'auto',
    '--token-file',
    file,
    '--url',
    EDGE,
  ]);
  expect(JSON.stringify({ argv, env })).not.toContain(TOKEN);
});

test('a named tunnel that found no way back for a minute is started afresh', async () => {
  await open({ driver: 'named', tokenFile: tokenFile(TOKEN), hostname: 'box.example.org' });
  await state('ready');
  const { pid } = report();
  tell('lose');
  await state('reconnecting');
  longTimers.at(-1)?.run();
  await state('ready');
  expect(report().pid).not.toBe(pid);
  expect(isAlive(pid)).toBe(false);
  expect(names).toEqual([null, 'box.example.org']);
});

test('credentials that Cloudflare refuses fail at once, although cloudflared would try for ever', async () => {
  install('refused');
  await open({ driver: 'named', tokenFile: tokenFile(TOKEN), hostname: 'box.example.org' });
  expect(reasonOf(await state('failed'))).toContain('Invalid tunnel secret');
});

test.each([
  ['a token file that others can read', () => ({ tokenFile: tokenFile(TOKEN, 0o644) }), 'not_permitted'],
  ['a token file without a token', () => ({ tokenFile: tokenFile('c2VjcmV0LXZhbHVl') }), 'invalid_input'],
  ['a missing token file', () => ({ tokenFile: '/no/such/token' }), 'not_found'],
  ['a relative token file', () => ({ tokenFile: 'token' }), 'invalid_input'],
  ['no token file', () => ({}), 'invalid_input'],
  ['an address as a name', () => ({ tokenFile: tokenFile(TOKEN), hostname: '127.0.0.1' }), 'invalid_input'],
  [
    'a name with a path',
    () => ({ tokenFile: tokenFile(TOKEN), hostname: 'a.example.org/x' }),
    'invalid_input',
  ],
])('%s is refused and its content is not repeated', async (_what, input, code) => {
  const error: unknown = await open({ driver: 'named', hostname: 'box.example.org', ...input() }).catch(
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('c2VjcmV0');
  expect(tunnels.snapshot()).toEqual({ state: 'off' });
});

test('of a configuration only the identity is taken: the rules are ours', async () => {
  const credentials = join(folder, 'credentials.json');
  writeFileSync(credentials, '{}', { mode: 0o600 });
  const configFile = join(folder, 'user.yml');
  writeFileSync(
    configFile,
    `tunnel: mine\ncredentials-file: ${credentials}\nloglevel: debug\ningress:\n  - hostname: box.example.org\n    service: ssh://127.0.0.1:22\n  - service: http_status:404\n`,
  );
  await open({ driver: 'config', configFile });
  expect(await state('ready')).toMatchObject({ url: 'https://box.example.org' });
  expect(JSON.parse(report().config)).toEqual({
    tunnel: 'mine',
    'credentials-file': credentials,
    ingress: [{ hostname: 'box.example.org', service: EDGE }, { service: 'http_status:404' }],
  });
});

test('while it runs it is a part of the host, and what it said last can be read after it died', async () => {
  await open();
  await state('ready');
  const [part, ...others] = groups.parts.live();
  expect(others).toEqual([]);
  expect(part).toMatchObject({ kind: 'tunnel', name: '', purpose: '' });
  tell('crash');
  await state('failed');
  expect(groups.parts.ended()).toMatchObject([{ id: part?.id, code: 1 }]);
  expect(groups.parts.output(part?.id ?? '')?.bytes.toString()).toContain('the disk is on fire');
});
