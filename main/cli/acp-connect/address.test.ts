import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { remoteAddress } from './address.ts';
import { createCookies } from './cookies.ts';
import { readToken } from './token.ts';

test('a token is sent encrypted or to this machine, and never in an address', () => {
  expect(remoteAddress('wss://host.example/acp').transport).toBe('websocket');
  expect(remoteAddress('https://host.example/acp').transport).toBe('http');
  for (const here of [
    'ws://127.0.0.1:1/acp',
    'ws://localhost/acp',
    'http://[::1]:2/acp',
    'http://x.localhost',
  ])
    expect(remoteAddress(here).url.href).toContain('//');
  const away = [
    'ws://host.example/acp',
    'http://host.example',
    'ws://127.0.0.1.evil.example',
    'ws://localhost.evil.example',
    'ws://128.0.0.1',
    'ws://0.0.0.0',
  ];
  for (const bad of away) {
    expect(() => remoteAddress(bad), bad).toThrow(/in the clear/);
    expect(remoteAddress(bad, { insecure: true }).url.href).toContain('//');
  }
  for (const bad of ['wss://u:p@host.example', 'nonsense', 'file:///acp', 'ftp://host', 'wss://h/acp#token'])
    expect(() => remoteAddress(bad, { insecure: true }), bad).toThrow(/begin with|file|"#"/);
});

test('a token comes from a file or the environment, and no error says it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'token');
  writeFileSync(file, '  sbx_abc\n');
  expect(await readToken({ file }, {})).toBe('sbx_abc');
  expect(await readToken({ variable: 'T' }, { T: 'sbx_def' })).toBe('sbx_def');
  expect(await readToken({}, { T: 'x' })).toBeNull();
  writeFileSync(file, 'two secret-words');
  const wrong = [
    [() => readToken({ file }, {}), 'invalid_input'],
    [() => readToken({ file: join(folder, 'none') }, {}), 'not_found'],
    [() => readToken({ file: folder }, {}), 'not_found'],
    [() => readToken({ variable: 'T' }, {}), 'invalid_input'],
    [() => readToken({ variable: 'T' }, { T: 'secret-words\nx' }), 'invalid_input'],
    [() => readToken({ file, variable: 'T' }, { T: 'x' }), 'invalid_input'],
  ] as const;
  for (const [attempt, code] of wrong) {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('secret-words');
  }
});

test('cookies go back to where they came from until they are taken away', () => {
  const cookies = createCookies();
  expect(cookies.header()).toBeNull();
  cookies.take(['route=a1; Path=/; HttpOnly', 'b=2', 'nonsense', `big=${'x'.repeat(5000)}`]);
  expect(cookies.header()).toBe('route=a1; b=2');
  cookies.take(['route=a2', 'b=; Max-Age=0']);
  expect(cookies.header()).toBe('route=a2');
});
