import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManagedProcess } from '../../../contract/supervisor.ts';
import { shell } from './fakes.ts';
import { createLineMatcher } from './line-matcher.ts';
import { findText } from './find-line.ts';
import { definedProcess, transition, type ProcessEvent } from './process-machine.ts';
import { decideRestart } from './restart-policy.ts';
import { utf8Bounds } from './utf8-slice.ts';

const at = '2026-11-21T00:00:00.000Z';
const event = fc.constantFrom<ProcessEvent>(
  { type: 'spawned', pid: 7, at, restarts: 1 },
  { type: 'became-ready', at },
  { type: 'not-ready-in-time', reason: 'slow' },
  { type: 'health-failed', reason: 'down', at },
  { type: 'health-recovered', at },
  { type: 'adopted' },
  { type: 'stop-requested', at },
  { type: 'ended', at, exitCode: 1, signal: null, next: { kind: 'exited' } },
  { type: 'ended', at, exitCode: 1, signal: null, next: { kind: 'retry', retryAt: at } },
  { type: 'ended', at, exitCode: null, signal: 'SIGKILL', next: { kind: 'failed', reason: 'loop' } },
  { type: 'not-started', reason: 'no', at },
);

test('no order of events leads to a status that the contract does not know', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const ready = { kind: 'text', text: 'x' } as const;
      let process: ManagedProcess = definedProcess('id', shell('web', 'x', { ready }), null, at);
      for (const one of events) {
        const next = transition(process, one);
        process = next ?? process;
        expect(ManagedProcess.parse(process)).toEqual(process);
      }
    }),
  );
});

const policy = { mode: 'on-failure', maxRestarts: 3, delayMs: 1000, healthyAfterMs: 60_000 } as const;
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
