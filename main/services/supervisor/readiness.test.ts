import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, forever, freePort, owner, shell, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

test('a text makes a process ready, also without a line break and over broken UTF-8', async () => {
  const line = `printf '\\377\\376 list'; printf 'ening > '; ${forever}`;
  await bench.call['supervisor.run'](
    shell('web', line, { ready: { kind: 'text', text: 'listening' } }),
    owner,
  );
  expect(await bench.wait('web', { kind: 'ready' })).toEqual({ outcome: 'happened', line: null });
  expect(bench.state('web')?.state).toBe('ready');
});

test('a pattern on the standard error makes a process ready', async () => {
  const ready = { kind: 'regex', pattern: '^port \\d+$' } as const;
  await bench.call['supervisor.run'](shell('web', `echo port 80 >&2; ${forever}`, { ready }), owner);
  expect((await bench.wait('web', { kind: 'ready' })).outcome).toBe('happened');
});

test.each(['tcp', 'http'] as const)('a server is ready when its %s port answers', async (kind) => {
  const port = await freePort();
  const ready = kind === 'tcp' ? { kind, port } : { kind, url: `http://127.0.0.1:${port}/` };
  const script = `setTimeout(() => require('http').createServer((q, s) => s.end('ok')).listen(${port}, '127.0.0.1'), 100)`;
  await bench.call['supervisor.run'](
    { ...shell('web', '', { ready }), argv: [process.execPath, '-e', script] },
    owner,
  );
  expect(bench.state('web')?.state).toBe('starting');
  expect((await bench.wait('web', { kind: 'ready' })).outcome).toBe('happened');
});

test('an end before it is ready fails at once with the last lines', async () => {
  const ready = { kind: 'text', text: 'never' } as const;
  await bench.call['supervisor.run'](
    shell('web', 'echo starting; echo no hunter2 >&2; exit 4', { ready }),
    owner,
  );
  expect(await bench.wait('web', { kind: 'ready' })).toMatchObject({ outcome: 'ended-first' });
  const state = bench.state('web');
  expect(state).toMatchObject({ state: 'failed' });
  expect(JSON.stringify(state)).toContain('ended with code 4 before it was ready');
  expect(JSON.stringify(state)).toContain('no [secret]');
});

test('a process that is not ready in time is unhealthy, and ready when it comes late', async () => {
  const go = join(bench.folder, 'go');
  const ready = { kind: 'text', text: 'up' } as const;
  const line = `while [ ! -e ${go} ]; do sleep 0.02; done; echo up; ${forever}`;
  await bench.call['supervisor.run'](shell('web', line, { ready, readyTimeoutMs: 100 }), owner);
  await bench.until(() => bench.state('web')?.state === 'unhealthy');
  expect(JSON.stringify(bench.state('web'))).toContain('not ready after 0.1 s');
  writeFileSync(go, '');
  await bench.until(() => bench.state('web')?.state === 'ready');
});
