import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, owner, shell, viewer, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

const said = (name: string, text: string) =>
  bench.call['supervisor.wait']({ name, until: { kind: 'text', text }, timeoutMs: 10_000 }, viewer);
const log = (name: string, stream = 'stdout') =>
  readFileSync(join(bench.folder, 'logs', name, `${stream}.log`), 'utf8');
const type = (name: string, text: string) => bench.call['supervisor.type']({ name, text }, owner);

test('a process with a terminal finds one, and what is typed reaches it', async () => {
  await bench.call['supervisor.run'](
    shell(
      'ask',
      'test -t 0 && test -t 1 && test -t 2 && echo is-a-terminal; read -r line; echo "got:$line"; exit 7',
      {
        pty: true,
      },
    ),
    owner,
  );
  expect(await said('ask', 'is-a-terminal')).toMatchObject({ outcome: 'happened' });
  await type('ask', 'grüße 😀\r');
  await bench.until(() => bench.state('ask')?.state === 'exited');
  expect(bench.state('ask')).toMatchObject({ exitCode: 7, signal: null });
  expect(log('ask')).toContain('got:grüße 😀\r\n');
  expect(log('ask', 'stderr')).toBe('');
});

test('its size follows what is shown, and the program is told', async () => {
  await bench.call['supervisor.run'](
    shell('size', "trap 'stty size; exit 0' WINCH; stty size; while :; do sleep 0.05; done", { pty: true }),
    owner,
  );
  expect(await said('size', '24 80')).toMatchObject({ outcome: 'happened' });
  await bench.call['supervisor.resizeTerminal']({ name: 'size', columns: 132, rows: 43 }, owner);
  expect(await said('size', '43 132')).toMatchObject({ outcome: 'happened' });
});

test('Ctrl+C ends what runs in it, and a stop ends all of it', async () => {
  await bench.call['supervisor.run'](
    shell('loop', "trap 'exit 42' INT; echo ready; while :; do sleep 0.05; done", { pty: true }),
    owner,
  );
  await said('loop', 'ready');
  await type('loop', '\u0003');
  await bench.until(() => bench.state('loop')?.state === 'exited');
  expect(bench.state('loop')).toMatchObject({ exitCode: 42, signal: null });
  await bench.call['supervisor.run'](
    shell('deep', 'trap "" HUP; sleep 1000 & echo ready; wait', { pty: true }),
    owner,
  );
  await said('deep', 'ready');
  expect(await bench.call['supervisor.stop']({ name: 'deep' }, owner)).toMatchObject({ state: 'stopped' });
});

test('a big output arrives whole', async () => {
  await bench.call['supervisor.run'](
    shell('many', 'stty -opost; i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done', {
      pty: true,
    }),
    owner,
  );
  await bench.until(() => bench.state('many')?.state === 'exited');
  const lines = log('many').trimEnd().split('\n');
  expect(lines).toEqual(Array.from({ length: 20_000 }, (_, index) => `line ${index}`));
});

test('what has no terminal cannot be typed into, and what does not run neither', async () => {
  await bench.call['supervisor.run'](shell('plain', 'sleep 100'), owner);
  await expect(type('plain', 'x')).rejects.toThrow(/started without a terminal/);
  await bench.call['supervisor.run'](shell('over', 'exit 0', { pty: true }), owner);
  await bench.until(() => bench.state('over')?.state === 'exited');
  await expect(type('over', 'x')).rejects.toThrow(/does not run/);
});

test('a program or a folder that is not there is told as such', async () => {
  const bad = (definition: object) =>
    bench.call['supervisor.run']({ ...shell('bad', 'exit 0', { pty: true }), ...definition }, owner);
  await expect(bad({ argv: ['no-such-program'] })).rejects.toThrow(/no such program/);
  await expect(bad({ argv: ['./missing'] })).rejects.toThrow(/no such program/);
  await expect(bad({ cwd: '/no/such/folder' })).rejects.toThrow(/folder \/no\/such\/folder does not exist/);
});
