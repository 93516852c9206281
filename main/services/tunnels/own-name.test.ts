import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createTunnelsBench,
  EDGE,
  isAlive,
  reasonOf,
  TOKEN,
  type TunnelsBench,
} from '../../testing/tunnels-bench.ts';

let on: TunnelsBench;
beforeEach(() => void (on = createTunnelsBench()));
afterEach(() => on.end());

test('a named tunnel gets the path of its token, never the token', async () => {
  const file = on.tokenFile(TOKEN);
  await on.open({ driver: 'named', tokenFile: file, hostname: 'Box.Example.org' });
  expect(await on.state('ready')).toMatchObject({ url: 'https://box.example.org' });
  const { argv, env } = on.report();
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
  await on.open({ driver: 'named', tokenFile: on.tokenFile(TOKEN), hostname: 'box.example.org' });
  await on.state('ready');
  const { pid } = on.report();
  on.tell('lose');
  await on.state('reconnecting');
  on.longTimers.at(-1)?.run();
  await on.state('ready');
  expect(on.report().pid).not.toBe(pid);
  expect(isAlive(pid)).toBe(false);
  expect(on.names).toEqual([null, 'box.example.org']);
});

test('credentials that Cloudflare refuses fail at once, although cloudflared would try for ever', async () => {
  on.install('refused');
  await on.open({ driver: 'named', tokenFile: on.tokenFile(TOKEN), hostname: 'box.example.org' });
  expect(reasonOf(await on.state('failed'))).toContain('Invalid tunnel secret');
});

test.each([
  ['a token file that others can read', () => ({ tokenFile: on.tokenFile(TOKEN, 0o644) }), 'not_permitted'],
  ['a token file without a token', () => ({ tokenFile: on.tokenFile('c2VjcmV0LXZhbHVl') }), 'invalid_input'],
  ['a missing token file', () => ({ tokenFile: '/no/such/token' }), 'not_found'],
  ['a relative token file', () => ({ tokenFile: 'token' }), 'invalid_input'],
  ['no token file', () => ({}), 'invalid_input'],
  [
    'an address as a name',
    () => ({ tokenFile: on.tokenFile(TOKEN), hostname: '127.0.0.1' }),
    'invalid_input',
  ],
  [
    'a name with a path',
    () => ({ tokenFile: on.tokenFile(TOKEN), hostname: 'a.example.org/x' }),
    'invalid_input',
  ],
])('%s is refused and its content is not repeated', async (_what, input, code) => {
  const error: unknown = await on
    .open({ driver: 'named', hostname: 'box.example.org', ...input() })
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('c2VjcmV0');
  expect(on.tunnels.snapshot()).toEqual({ state: 'off' });
});

test('of a configuration only the identity is taken: the rules are ours', async () => {
  const credentials = join(on.folder, 'credentials.json');
  writeFileSync(credentials, '{}', { mode: 0o600 });
  const configFile = join(on.folder, 'user.yml');
  writeFileSync(
    configFile,
    `tunnel: mine\ncredentials-file: ${credentials}\nloglevel: debug\ningress:\n  - hostname: box.example.org\n    service: ssh://127.0.0.1:22\n  - service: http_status:404\n`,
  );
  await on.open({ driver: 'config', configFile });
  expect(await on.state('ready')).toMatchObject({ url: 'https://box.example.org' });
  expect(JSON.parse(on.report().config)).toEqual({
    tunnel: 'mine',
    'credentials-file': credentials,
    ingress: [{ hostname: 'box.example.org', service: EDGE }, { service: 'http_status:404' }],
  });
});
