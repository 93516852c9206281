import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManagedProcess } from '../../../contract/supervisor.ts';
import { shell, silentLog } from './fakes.ts';
import { createLineMatcher } from './line-matcher.ts';
import { createLogFile } from './log-file.ts';
import { findText } from './pattern.ts';
import { definedProcess, isLive, transition, type ProcessEvent } from './process-machine.ts';
import { decideRestart } from './restart-policy.ts';
import { utf8Bounds } from './utf8-slice.ts';

const at = '2026-11-21T00:00:00.000Z';
const event = fc.constantFrom<ProcessEvent>(
  { type: 'spawned', pid: 7, at, restarts: 1 },
  { type: 'became-ready', at },
  { type: 'became-unhealthy', reason: 'slow' },
  { type: 'stop-requested', at },
  { type: 'ended', at, exitCode: 1, signal: null, next: { kind: 'exited' } },
  { type: 'ended', at, exitCode: 1, signal: null, next: { kind: 'retry', retryAt: at } },
  { type: 'ended', at, exitCode: null, signal: 'SIGKILL', next: { kind: 'failed', reason: 'loop' } },
  { type: 'not-started', reason: 'no', at },
  { type: 'host-was-gone', at },
);

test('no order of events leads to a status that the contract does not know', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const ready = { kind: 'text', text: 'x' } as const;
      let process: ManagedProcess = definedProcess('id', shell('web', 'x', { ready }), null, at);
      for (const one of events) {
        const next = transition(process, one);
        if (one.type === 'host-was-gone' && next) expect(isLive(next)).toBe(false);
        process = next ?? process;
        expect(ManagedProcess.parse(process)).toEqual(process);
      }
    }),
  );
});

const policy = { mode: 'on-failure', maxRestarts: 3, delayMs: 1000 } as const;
const ask = { policy, exitCode: 1, signal: null, attempts: 0, ranMs: 10, jitter: 0.5 } as const;

test('the delay doubles up to a minute and is spread by a fifth', () => {
  const many = { ...policy, maxRestarts: 1000 };
  const delays = [0, 1, 2, 5, 6, 100].map((attempts) => decideRestart({ ...ask, policy: many, attempts }));
  expect(delays.map((answer) => answer.kind === 'retry' && answer.delayMs)).toEqual([
    1000, 2000, 4000, 32_000, 60_000, 60_000,
  ]);
  expect(decideRestart({ ...ask, jitter: 0 })).toMatchObject({ delayMs: 800 });
});

test('a healthy minute makes the failures before it forgotten', () => {
  expect(decideRestart({ ...ask, attempts: 3, ranMs: 59_999 }).kind).toBe('give-up');
  expect(decideRestart({ ...ask, attempts: 3, ranMs: 60_000 })).toMatchObject({
    kind: 'retry',
    attempts: 1,
    delayMs: 1000,
  });
});

test('the mode decides which ends are followed by a restart', () => {
  const kind = (mode: 'never' | 'on-failure' | 'always', exitCode: number | null) =>
    decideRestart({
      ...ask,
      policy: { ...policy, mode },
      exitCode,
      signal: exitCode === null ? 'SIGKILL' : null,
    }).kind;
  expect([kind('never', 1), kind('on-failure', 0), kind('on-failure', null), kind('always', 0)]).toEqual([
    'stay',
    'stay',
    'retry',
    'retry',
  ]);
});

test('a text is found however the output is cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 8 }), (cuts) => {
      const text = 'noise\r\nserver is listening now\nmore';
      const points = [0, ...cuts.sort((a, b) => a - b), text.length];
      const match = createLineMatcher(findText('is listening'));
      const found = points.slice(1).map((end, index) => match(text.slice(points[index], end)));
      expect(found.some((line) => line?.includes('is listening'))).toBe(true);
    }),
  );
});

test('pieces of a log put together again are the log, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 4, max: 9 }),
      (text, size) => {
        const bytes = Buffer.from(text);
        let seen = '';
        for (let from = 0; from < bytes.length;) {
          const piece = bytes.subarray(from, from + size);
          const { start, end } = utf8Bounds(piece, false, from + size >= bytes.length);
          seen += piece.subarray(start, end).toString();
          from += end;
        }
        expect(seen).toBe(bytes.toString());
      },
    ),
  );
});

test('a log is set aside when it is full, five times and no more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  const file = join(folder, 'web', 'stdout.log');
  const log = createLogFile(file, { log: silentLog, grown() {}, maxBytes: 4 });
  for (const text of 'abcdefgh') await log.append(Buffer.from(text.repeat(3)));
  await log.close();
  const read = (suffix: string) => readFileSync(file + suffix, 'utf8');
  expect(['', '.1', '.2', '.3', '.4', '.5'].map(read)).toEqual(['hhh', 'ggg', 'fff', 'eee', 'ddd', 'ccc']);
  expect(() => read('.6')).toThrow();
  rmSync(folder, { recursive: true });
});

test('a log that cannot be written loses output, says how much, and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  // A file where the folder should be.
  writeFileSync(join(folder, 'web'), '');
  const file = join(folder, 'web', 'stdout.log');
  const log = createLogFile(file, { log: silentLog, grown() {} });
  await log.append(Buffer.from('lost!'));
  rmSync(join(folder, 'web'));
  await log.append(Buffer.from('kept'));
  await log.close();
  expect(readFileSync(file, 'utf8')).toBe('\n[signalbox] 5 bytes could not be written here\nkept');
  rmSync(folder, { recursive: true });
});
