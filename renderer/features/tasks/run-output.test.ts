import { expect, test } from 'vitest';
import type { HostClient } from '../../../contract/client.ts';
import { commands, type OutputOf } from '../../../contract/commands.ts';
import { ActionRun } from '../../../contract/predefined.ts';
import { append, followRun, type RunView } from './run-output.ts';

const at = '2026-01-01T00:00:00.000Z';
const waiting = ActionRun.parse({
  ...{ id: 'run_1', name: 'smoke', startedBy: 'owner', requestedAt: at, state: 'waiting' },
});
const running = ActionRun.parse({ ...waiting, state: 'running', approvalId: null, startedAt: at });
const ended = ActionRun.parse({
  ...{ ...running, state: 'ended', endedAt: at, exitCode: 0, signal: null },
  ...{ timedOut: false, stopped: false, durationMs: 5 },
});

type Answer = OutputOf<'tasks.readActionOutput'>;
const piece = (run: ActionRun, text: string, offset: number, end = offset + text.length): Answer => ({
  ...{ run, text, offset, nextOffset: offset + text.length, end },
});

/** A host that gives these answers in turn, then none. */
function follow(answers: (Answer | 'lost')[]) {
  const asked: unknown[] = [];
  const views: RunView[] = [];
  const left = [...answers];
  const client = {
    call(name: 'tasks.readActionOutput', input: unknown) {
      asked.push(commands[name].input.parse(input));
      const next = left.shift();
      if (next === undefined) return new Promise(() => undefined);
      const error = { code: 'unavailable', message: 'the connection was lost' };
      return Promise.resolve(next === 'lost' ? { ok: false, error } : { ok: true, value: next });
    },
  } as Pick<HostClient, 'call'>;
  const close = followRun(waiting, {
    client,
    changed: (view) => views.push(view),
    pause: () => Promise.resolve(),
  });
  return { asked, views, close };
}

test('it waits for the approval, shows what comes, and stops asking when the run is over and all was read', async () => {
  const { asked, views } = follow([
    piece(waiting, '', 0),
    piece(running, '', 0),
    piece(running, 'one ', 0),
    piece(ended, 'two ', 4, 13),
    piece(ended, 'three', 8),
  ]);
  await expect.poll(() => views.length).toBe(5);
  expect(views.map(({ run }) => run.state)).toEqual(['waiting', 'running', 'running', 'ended', 'ended']);
  expect(views.at(-1)).toEqual({
    ...{ run: ended, error: null },
    pieces: [{ missing: 0, text: 'one two three' }],
  });
  expect(asked).toMatchObject([
    { runId: 'run_1', offset: 0 },
    { offset: 0, wait: { state: 'waiting' } },
    { offset: 0, wait: { state: 'running' } },
    { offset: 4, wait: { state: 'running' } },
    { offset: 8 },
  ]);
  expect(asked.map((input) => 'wait' in (input as object))).toEqual([false, true, true, true, false]);
});

test('what the host did not keep is counted where it is missing, and what was read stays when the host is lost', async () => {
  const { views } = follow([piece(running, 'head', 0, 1000), piece(running, 'tail', 996), 'lost']);
  await expect.poll(() => views.length).toBe(3);
  expect(views.at(-1)?.pieces).toEqual([
    { missing: 0, text: 'head' },
    { missing: 992, text: 'tail' },
  ]);
  expect(views.at(-1)?.error?.code).toBe('unavailable');
});

test('after it is closed nothing is told and nothing is asked', async () => {
  const { asked, views, close } = follow([piece(running, 'one', 0), piece(running, 'two', 3)]);
  close();
  await Promise.resolve();
  await Promise.resolve();
  expect(views).toEqual([]);
  expect(asked).toHaveLength(1);
});

test('the newest letters are kept, and the bytes of those that went are counted', () => {
  const ä = 'ä'.repeat(150_000);
  const kept = append(append([], ä, 0), 'x'.repeat(100_000), 7);
  expect(kept).toEqual([
    { missing: 100_000, text: 'ä'.repeat(100_000) },
    { missing: 7, text: 'x'.repeat(100_000) },
  ]);
  const only = append(kept, 'y'.repeat(250_000), 0);
  expect(only).toHaveLength(1);
  expect(only[0]).toEqual({ missing: 100_000 + 200_000 + 7 + 150_000, text: 'y'.repeat(200_000) });
});
