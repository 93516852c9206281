import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, forever, owner, shell, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

test('a crash loop backs off, gives up and says so', async () => {
  const restart = { mode: 'on-failure', maxRestarts: 2, delayMs: 1 } as const;
  await bench.call['supervisor.run'](shell('web', 'echo boom; exit 1', { restart }), owner);
  await bench.until(() => bench.state('web')?.state === 'failed');
  const states = bench.events.flatMap((event) =>
    event.type === 'process.changed' ? [event.process.state] : [],
  );
  expect(states.filter((state) => state === 'backing-off')).toHaveLength(2);
  expect(bench.state('web')).toMatchObject({ restarts: 2 });
  expect(JSON.stringify(bench.state('web'))).toMatch(/crash loop: 2 restarts.*ended with code 1: boom/);
  expect(readFileSync(join(bench.folder, 'logs/web/stderr.log.1'), 'utf8')).toContain(
    '[signalbox] ended with code 1',
  );
});

test('a stop during the back-off is final', async () => {
  const restart = { mode: 'always', maxRestarts: 10, delayMs: 60_000 } as const;
  await bench.call['supervisor.run'](shell('web', 'exit 0', { restart }), owner);
  await bench.until(() => bench.state('web')?.state === 'backing-off');
  expect(await bench.call['supervisor.stop']({ name: 'web' }, owner)).toMatchObject({ state: 'stopped' });
});

test('a stopped process is not restarted by its policy', async () => {
  const restart = { mode: 'always', maxRestarts: 10, delayMs: 1 } as const;
  await bench.call['supervisor.run'](shell('web', forever, { restart }), owner);
  expect(await bench.call['supervisor.stop']({ name: 'web' }, owner)).toMatchObject({
    state: 'stopped',
    restarts: 0,
  });
});

test('restart starts with a fresh log and keeps the old one', async () => {
  await bench.call['supervisor.run'](shell('web', `echo run; ${forever}`), owner);
  await bench.wait('web', { kind: 'text', text: 'run' });
  await bench.call['supervisor.restart']({ name: 'web' }, owner);
  await bench.wait('web', { kind: 'text', text: 'run' });
  expect(bench.log('web')).toBe('run\n');
  expect(readFileSync(join(bench.folder, 'logs/web/stdout.log.1'), 'utf8')).toBe('run\n');
});

test('what is stopped while it is being started is stopped', async () => {
  const starting = bench.call['supervisor.run'](shell('web', forever), owner);
  const { stopped } = await bench.call['supervisor.stopAll']({}, owner);
  await starting;
  expect(stopped).toEqual(['web']);
  expect(bench.state('web')?.state).toBe('stopped');
});

test('stopping a stubborn process holds up no other one', async () => {
  await bench.call['supervisor.run'](shell('stubborn', `trap '' TERM; echo up; ${forever}`), owner);
  await bench.wait('stubborn', { kind: 'text', text: 'up' });
  const { pid } = bench.state('stubborn') as unknown as { pid: number };
  const stopping = bench.call['supervisor.stop']({ name: 'stubborn' }, owner);
  await bench.call['supervisor.run'](shell('web', 'echo hi'), owner);
  await bench.settled('web');
  expect(bench.state('stubborn')?.state).toBe('stopping');
  process.kill(-pid, 'SIGKILL');
  expect((await stopping).state).toBe('stopped');
});

test('stop all stops all at the same time and names them', async () => {
  await Promise.all(
    ['a', 'b', 'c'].map(async (name) => bench.call['supervisor.run'](shell(name, forever), owner)),
  );
  const { stopped } = await bench.call['supervisor.stopAll']({}, owner);
  expect(stopped.sort()).toEqual(['a', 'b', 'c']);
  expect(bench.supervisor.snapshot().map((one) => one.state)).toEqual(['stopped', 'stopped', 'stopped']);
});

test('remove forgets the definition, keeps the log and frees the name', async () => {
  await bench.call['supervisor.run'](shell('web', `echo hi; ${forever}`), owner);
  await bench.wait('web', { kind: 'text', text: 'hi' });
  await bench.call['supervisor.remove']({ name: 'web' }, owner);
  expect(bench.supervisor.snapshot()).toEqual([]);
  expect(bench.events.at(-1)).toEqual({ type: 'process.removed', name: 'web' });
  expect(bench.log('web')).toBe('hi\n');
  expect(bench.make().snapshot()).toEqual([]);
  expect((await bench.call['supervisor.run'](shell('web', 'exit'), owner)).outcome).toBe('started');
});
