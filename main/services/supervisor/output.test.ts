import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByteChunk } from '../../../contract/byte-stream.ts';
import { createBench, forever, owner, shell, viewer, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

test('wait ends when the process ends, on time, and finds what was printed before', async () => {
  await bench.call['supervisor.run'](shell('web', `echo one two; ${forever}`), owner);
  expect(await bench.wait('web', { kind: 'text', text: 'two' })).toEqual({
    outcome: 'happened',
    line: 'one two',
  });
  expect(await bench.wait('web', { kind: 'regex', pattern: '^one' })).toEqual({
    outcome: 'happened',
    line: 'one two',
  });
  expect(await bench.wait('web', { kind: 'text', text: 'three' }, 50)).toEqual({
    outcome: 'timed-out',
    line: null,
  });
  const forThree = bench.wait('web', { kind: 'text', text: 'three' });
  const forExit = bench.wait('web', { kind: 'exit' });
  await bench.call['supervisor.stop']({ name: 'web' }, owner);
  expect((await forThree).outcome).toBe('ended-first');
  expect((await forExit).outcome).toBe('happened');
  await expect(bench.wait('nobody', { kind: 'exit' })).rejects.toMatchObject({ code: 'not_found' });
});

test('a pattern that would block the host for ever is refused', async () => {
  await bench.call['supervisor.run'](shell('web', `echo ${'a'.repeat(60)}!; ${forever}`), owner);
  await bench.wait('web', { kind: 'text', text: '!' });
  await expect(bench.wait('web', { kind: 'regex', pattern: '^(a+)+$' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(bench.wait('web', { kind: 'regex', pattern: '(' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('a log is read by byte offset, from either end, through the outbound gate', async () => {
  await bench.call['supervisor.run'](shell('web', 'printf "0123456789 hunter2"'), owner);
  await bench.settled('web');
  const read = (offset: number, maxBytes: number) =>
    bench.call['supervisor.readLog']({ name: 'web', stream: 'stdout', offset, maxBytes }, viewer);
  expect(await read(2, 3)).toEqual({ text: '234', offset: 2, nextOffset: 5, size: 18 });
  expect(await read(-7, 100)).toEqual({ text: '[secret]', offset: 11, nextOffset: 18, size: 18 });
  expect(await read(500, 10)).toEqual({ text: '', offset: 18, nextOffset: 18, size: 18 });
});

test('followers of the log are told when it grows', async () => {
  await bench.call['supervisor.run'](shell('web', `read line; echo late; ${forever}`), owner);
  let seen = '';
  const done = new Promise<void>((resolve) => {
    const listener = { chunk: (chunk: ByteChunk) => (seen += chunk.text) && resolve(), end() {} };
    expect(bench.streams.follow({ kind: 'log', name: 'web', stream: 'stdout' }, 0, listener)).not.toBeNull();
  });
  await bench.call['supervisor.run'](shell('web', `echo late; ${forever}`), owner);
  await done;
  expect(seen).toBe('late\n');
});

test('a log folder that is removed while the process prints does not hurt', async () => {
  const go = join(bench.folder, 'go');
  const line = `echo one; while [ ! -e ${go} ]; do sleep 0.02; done; echo two; ${forever}`;
  await bench.call['supervisor.run'](shell('web', line), owner);
  await bench.wait('web', { kind: 'text', text: 'one' });
  rmSync(join(bench.folder, 'logs'), { recursive: true });
  const waiting = bench.wait('web', { kind: 'text', text: 'two' });
  writeFileSync(go, '');
  expect((await waiting).outcome).toBe('happened');
  expect(bench.log('web')).toBe('two\n');
});
