import { expect, test, vi } from 'vitest';
import type { HostClient } from '../../../contract/client.ts';
import { processLogCommands } from '../../../contract/process-logs.ts';
import { createLogPages } from './log-pages.ts';

/** A host with a log of so many lines; who waits is answered when it grows. */
function setUp(lines: number) {
  const log = { end: lines, epoch: 'a', first: 0, reachable: true };
  const asked: { from: number; count: number }[] = [];
  let wake = () => {};
  let changes = 0;
  const call = async (_name: string, input: unknown) => {
    const { from, count, wait } = processLogCommands['supervisor.readLines'].input.parse(input);
    if (wait && wait.epoch === log.epoch && wait.end === log.end) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (!log.reachable) return { ok: false, error: { code: 'unavailable', message: 'lost' } };
    const start = Math.max(log.first, from < 0 ? log.end + from : from);
    asked.push({ from, count });
    const value = {
      ...{ epoch: log.epoch, first: log.first, end: log.end, runStart: 0 },
      lines: Array.from({ length: Math.max(0, Math.min(count, log.end - start)) }, (_, index) => ({
        ...{ number: start + index, name: 'web', stream: 'stdout' as const, at: '2026-11-21T00:00:00.000Z' },
        text: `${log.epoch} ${start + index}`,
      })),
    };
    return { ok: true, value };
  };
  const pages = createLogPages('web', 'both', {
    client: { call } as unknown as Pick<HostClient, 'call'>,
    changed: () => (changes += 1),
    pause: async () => {},
  });
  return {
    pages,
    asked,
    changes: () => changes,
    change(next: Partial<typeof log>) {
      Object.assign(log, next);
      wake();
    },
  };
}

test('the newest lines are there first, and others when they are looked at', async () => {
  const { pages, asked } = setUp(1_000_000);
  await vi.waitFor(() => expect(pages.line(999_999)?.text).toBe('a 999999'));
  expect(pages.extent()).toMatchObject({ first: 0, end: 1_000_000 });
  expect(pages.line(500_000)).toBeUndefined();
  pages.want(500_000, 500_050);
  pages.want(500_000, 500_050);
  await vi.waitFor(() => expect(pages.line(500_049)?.text).toBe('a 500049'));
  // Twice looked at, once asked for.
  expect(asked.filter(({ from }) => from === 500_000)).toHaveLength(1);
  pages.close();
});

test('memory holds some pages of a log, however many were looked at', async () => {
  const { pages, asked } = setUp(100_000);
  await vi.waitFor(() => expect(pages.extent()).not.toBeNull());
  for (let from = 0; from < 20_000; from += 200) {
    const before = asked.length;
    pages.want(from, from + 100);
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before));
    await vi.waitFor(() => expect(pages.line(from + 99)).toBeDefined());
  }
  expect(pages.line(0)).toBeUndefined();
  expect(pages.line(19_900)).toBeDefined();
  pages.close();
});

test('what is new comes by itself, and a log that began anew is shown from its own lines', async () => {
  const { pages, change } = setUp(10);
  await vi.waitFor(() => expect(pages.line(9)).toBeDefined());
  change({ end: 12 });
  await vi.waitFor(() => expect(pages.line(11)?.text).toBe('a 11'));
  change({ epoch: 'b', end: 5 });
  await vi.waitFor(() => expect(pages.line(4)?.text).toBe('b 4'));
  expect(pages.extent()?.end).toBe(5);
  expect(pages.line(11)).toBeUndefined();
  pages.close();
});

test('after an error what was read stays, and it goes on when it is told to, even while it still waits', async () => {
  const { pages, change } = setUp(10);
  await vi.waitFor(() => expect(pages.line(9)).toBeDefined());
  change({ end: 11, reachable: false });
  await vi.waitFor(() => expect(pages.error()?.code).toBe('unavailable'));
  expect(pages.line(9)?.text).toBe('a 9');
  change({ end: 12, reachable: true });
  pages.again();
  expect(pages.error()).toBeNull();
  await vi.waitFor(() => expect(pages.line(11)?.text).toBe('a 11'));
  // Told while it waits: the answer that fails then is not the last.
  pages.again();
  change({ end: 13, reachable: false });
  change({ reachable: true });
  await vi.waitFor(() => expect(pages.line(12)?.text).toBe('a 12'));
  pages.close();
});
