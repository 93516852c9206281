import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { written } from '../../testing/real-processes.ts';
import {
  createTunnelsBench,
  EDGE,
  isAlive,
  reasonOf,
  type TunnelsBench,
} from '../../testing/tunnels-bench.ts';

let on: TunnelsBench;
beforeEach(() => void (on = createTunnelsBench()));
afterEach(() => on.end());

test('a quick tunnel becomes ready, its name is told first, and closing ends it', async () => {
  expect(await on.open()).toMatchObject({ state: 'starting', driver: 'quick', openedBy: 'owner:desktop' });
  const ready = await on.state('ready');
  expect(ready).toMatchObject({ url: 'https://lab-quiet-otter.trycloudflare.com' });
  expect(on.names).toEqual([null, 'lab-quiet-otter.trycloudflare.com']);
  expect(on.printed).toContain('Starting metrics server');
  const { pid } = on.report();
  expect(await on.close()).toEqual({ state: 'off' });
  expect(on.names.at(-1)).toBeNull();
  expect(isAlive(pid)).toBe(false);
  expect(on.audit.map((entry) => entry.type)).toEqual(['tunnel.opened', 'tunnel.closed']);
});

test('cloudflared gets our configuration, only a local address, and nothing of the environment that steers it', async () => {
  await on.open();
  await on.state('ready');
  const { argv, env, config } = on.report();
  expect(argv).toEqual([
    'tunnel',
    '--no-autoupdate',
    '--config',
    join(on.folder, 'run', 'tunnel-empty.yml'),
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
    HOME: on.folder,
  });
  expect(env).not.toHaveProperty('TUNNEL_HOSTNAME');
  expect(env).not.toHaveProperty('NO_TLS_VERIFY');
});

test('without an access token nothing is opened', async () => {
  on.hasToken = false;
  await expect(on.open()).rejects.toMatchObject({ code: 'not_permitted' });
  expect(on.tunnels.snapshot()).toEqual({ state: 'off' });
});

test('what cannot be put on record is not opened', async () => {
  on.auditFails = true;
  await expect(on.open()).rejects.toThrow('disk full');
  expect(on.events).toEqual([]);
  on.auditFails = false;
});

test('a second tunnel is refused while one is open, and possible afterwards', async () => {
  await on.open();
  await expect(on.open()).rejects.toMatchObject({ code: 'conflict' });
  await on.state('ready');
  await on.close();
  await on.open();
  await on.state('ready');
});

test('a missing, unknown or too old cloudflared is told with what to do', async () => {
  rmSync(join(on.folder, 'path', 'cloudflared'));
  await expect(on.open()).rejects.toMatchObject({ code: 'unavailable', message: /not found\. Install it/ });
  on.install('ready', { version: '2025.6.0' });
  await expect(on.open()).rejects.toMatchObject({
    code: 'unavailable',
    message: /2025\.6\.0; at least 2025\.6\.1/,
  });
  on.install('ready', { version: '' });
  await expect(on.open()).rejects.toMatchObject({ code: 'unavailable' });
  expect(on.tunnels.snapshot()).toEqual({ state: 'off' });
});

test('the configured cloudflared wins over the one in the home, which wins over the PATH', async () => {
  on.install('usage');
  on.install('ready', { where: 'bin' });
  await on.open();
  await on.state('ready');
  await on.close();
  on.install('usage', { where: 'bin' });
  await on.tunnels.stop();
  on.tunnels = on.make(on.install('ready', { where: 'run' }));
  await on.open();
  await on.state('ready');
  await on.tunnels.stop();
  on.tunnels = on.make('/no/such/cloudflared');
  await expect(on.open()).rejects.toMatchObject({ code: 'unavailable', message: /tunnel\.binary/ });
});

test('a tunnel closes when its time is over', async () => {
  const status = await on.open({ forMs: 60_000 });
  expect(status).toMatchObject({ closesAt: expect.stringMatching(/Z$/) as unknown });
  await on.state('ready');
  on.longTimers.find(({ ms }) => ms === 60_000)?.run();
  await on.state('off');
  expect(on.names.at(-1)).toBeNull();
});

test('a usage error counts as a failure although its exit code is 0', async () => {
  on.install('usage');
  await on.open();
  expect(reasonOf(await on.state('failed'))).toContain(
    'Incorrect Usage: flag provided but not defined: -output',
  );
});

test('a limit of Cloudflare leads to a long pause and no second try', async () => {
  on.install('rate-limited');
  await on.open();
  expect(reasonOf(await on.state('failed'))).toContain('429');
  on.install('ready');
  await expect(on.open()).rejects.toMatchObject({ code: 'too_many' });
  expect(on.events.filter((status) => status.state === 'starting')).toHaveLength(1);
});

test('a name that is none of a quick tunnel is never told', async () => {
  on.install('evil-name');
  await on.open();
  await on.state('failed');
  expect(on.names).toEqual([null]);
});

test('a crash is told with the first line that explains it and the name is gone at once', async () => {
  await on.open();
  await on.state('ready');
  on.tell('crash');
  expect(reasonOf(await on.state('failed'))).toContain('Initiating shutdown: the disk is on fire');
  expect(on.names.at(-1)).toBeNull();
  expect(await on.close()).toEqual({ state: 'off' });
});

test('a lost connection is reconnecting, keeps its name and comes back by itself', async () => {
  await on.open();
  await on.state('ready');
  const { pid } = on.report();
  on.tell('lose');
  expect(await on.state('reconnecting')).toMatchObject({ url: 'https://lab-quiet-otter.trycloudflare.com' });
  on.tell('find');
  await on.state('ready');
  expect(on.report().pid).toBe(pid);
  expect(on.names).toEqual([null, 'lab-quiet-otter.trycloudflare.com']);
});

test('a tunnel that never connects fails in the end and its child is ended', async () => {
  on.install('never-ready');
  await on.open();
  await written(join(on.folder, 'report'), (text) => text.endsWith('}'));
  const { pid } = on.report();
  on.longTimers.find(({ ms }) => ms === 120_000)?.run();
  expect(reasonOf(await on.state('failed'))).toContain('not connected to Cloudflare after 120 s');
  await on.close();
  expect(isAlive(pid)).toBe(false);
});

test('closing while it starts leaves nothing behind', async () => {
  on.install('never-ready');
  const opening = on.open();
  const closed = on.close();
  await expect(opening).rejects.toMatchObject({ code: 'conflict' });
  expect(await closed).toEqual({ state: 'off' });
  expect(on.db.all('SELECT pid FROM children')).toEqual([]);
});

test('while it runs it is a part of the host, and what it said last can be read after it died', async () => {
  await on.open();
  await on.state('ready');
  const [part, ...others] = on.groups.parts.live();
  expect(others).toEqual([]);
  expect(part).toMatchObject({ kind: 'tunnel', name: '', purpose: '' });
  on.tell('crash');
  await on.state('failed');
  expect(on.groups.parts.ended()).toMatchObject([{ id: part?.id, code: 1 }]);
  expect(on.groups.parts.output(part?.id ?? '')?.bytes.toString()).toContain('the disk is on fire');
});
