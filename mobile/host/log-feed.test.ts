/** @jest-environment node */
import type { InputOf, OutputOf } from '../../contract/commands.ts';
import type { CallOutcome } from './call-outcome.ts';
import { createHeldTimers, nextTurn } from './fake-timers.ts';
import { openLogFeed, PAGE } from './log-feed.ts';
import type { HostLink } from './host-link.ts';
import type { LogView, LogWanted } from './process-views.ts';

type Ask = InputOf<'supervisor.readLines'>;
type Page = OutputOf<'supervisor.readLines'>;

/** A log of the host: it answers as the contract says, and holds the answers that wait for news until there are some. */
function createLog(count: number) {
  const log = { epoch: 'e1', first: 0, end: count, away: false, asked: [] as Ask[], most: 1000 };
  const waiting: (() => void)[] = [];
  const textOf = (number: number): string => `${log.epoch} ${String(number)}`;
  function read({ count: wanted = 100, from = -100 }: Ask): Page {
    const start = Math.max(log.first, Math.min(from < 0 ? log.end + from : from, log.end));
    const end = Math.min(log.end, start + wanted, start + log.most);
    const lines = Array.from({ length: Math.max(0, end - start) }, (_, index) => ({
      ...{ number: start + index, name: 'web', stream: 'stdout' as const, at: '2026-01-01T00:00:00.000Z' },
      text: textOf(start + index),
    }));
    return { epoch: log.epoch, first: log.first, end: log.end, runStart: 0, lines };
  }
  const call = async (_name: string, input: Ask): Promise<CallOutcome<'supervisor.readLines'>> => {
    log.asked.push(input);
    const { wait } = input;
    if (wait && wait.epoch === log.epoch && wait.end === log.end) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (log.away) return { kind: 'refused', why: 'not connected', code: 'unavailable' };
    return { kind: 'done', value: read(input) };
  };
  return {
    log,
    link: { call } as unknown as Pick<HostLink, 'call'>,
    async write(lines: number) {
      log.end += lines;
      for (const done of waiting.splice(0)) done();
      await nextTurn();
    },
    async hangUp() {
      log.away = true;
      for (const done of waiting.splice(0)) done();
      await nextTurn();
    },
  };
}

async function opened(count: number, change: Partial<LogWanted> = {}) {
  const timers = createHeldTimers();
  const made = createLog(count);
  const views: LogView[] = [];
  const feed = openLogFeed(
    { name: 'web', streams: 'both', ...change },
    { link: made.link, schedule: timers.schedule, unknown: 'no answer', changed: (view) => views.push(view) },
  );
  await nextTurn();
  const last = (): LogView => {
    const view = views.at(-1);
    if (!view) throw new Error('nothing was told');
    return view;
  };
  const numbers = (): [number | undefined, number | undefined] => {
    const { lines } = last();
    return [lines[0]?.number, lines.at(-1)?.number];
  };
  const look = async (): Promise<void> => {
    timers.pass(250);
    await nextTurn();
  };
  return { ...made, feed, last, numbers, look, views };
}

test('a log begins with its last page, and what is written follows it', async () => {
  const { last, look, numbers, write } = await opened(1_000_000);
  expect(last()).toMatchObject({ state: 'ready', following: true, hasEarlier: true, newer: 0 });
  expect(numbers()).toEqual([999_800, 999_999]);
  await look();
  await write(3);
  expect(numbers()).toEqual([999_800, 1_000_002]);
  expect(new Set(last().lines.map(({ number }) => number)).size).toBe(203);
});

test('a log that grows faster than it can be shown is skipped through, without a gap in what is shown', async () => {
  const { last, look, numbers, write } = await opened(500);
  await look();
  await write(50_000);
  await look();
  expect(numbers()).toEqual([50_300, 50_499]);
  const { lines } = last();
  expect(lines.every(({ number }, index) => number === (lines[0]?.number ?? 0) + index)).toBe(true);
});

test('a phone holds a few thousand lines of a log that is followed for long', async () => {
  const { last, look, write } = await opened(0);
  for (let turn = 0; turn < 60; turn += 1) {
    await look();
    await write(150);
  }
  expect(last().lines.length).toBeLessThanOrEqual(3000);
  expect(last().lines.at(-1)?.number).toBe(8999);
});

test('while it is paused lines stand still and the newer ones are counted; following goes to the end', async () => {
  const { feed, last, log, look, numbers, write } = await opened(300);
  await look();
  feed.pause();
  await write(40);
  expect(numbers()).toEqual([100, 299]);
  expect(last()).toMatchObject({ following: false, newer: 40 });
  await look();
  expect(log.asked.at(-1)).toMatchObject({ count: 0, wait: { end: 340 } });
  feed.follow();
  await nextTurn();
  expect(numbers()).toEqual([100, 339]);
  expect(last()).toMatchObject({ following: true, newer: 0 });
});

test('many presses on pause and follow leave one question that waits', async () => {
  const { feed, log, look } = await opened(300);
  await look();
  for (let turn = 0; turn < 20; turn += 1) {
    feed.pause();
    feed.follow();
  }
  await nextTurn();
  expect(log.asked.filter(({ wait }) => wait !== undefined)).toHaveLength(1);
});

test('earlier lines are fetched up to the first, in parts where they are long', async () => {
  const { feed, last, log, numbers } = await opened(250);
  log.most = 30;
  feed.earlier();
  await nextTurn();
  expect(numbers()).toEqual([30, 249]);
  expect(last()).toMatchObject({ following: false, hasEarlier: true });
  log.most = 1000;
  feed.earlier();
  await nextTurn();
  expect(numbers()).toEqual([0, 249]);
  expect(last().hasEarlier).toBe(false);
  const asked = log.asked.length;
  feed.earlier();
  await nextTurn();
  expect(log.asked).toHaveLength(asked);
});

test('a log that is opened at a line shows what stands around it, and goes on in both directions', async () => {
  const { feed, last, numbers } = await opened(1000, { line: 500 });
  expect(numbers()).toEqual([400, 599]);
  expect(last()).toMatchObject({ following: false, hasEarlier: true, newer: 400 });
  feed.later();
  await nextTurn();
  expect(numbers()).toEqual([400, 598 + PAGE + 1]);
});

test('a log that was begun anew leaves nothing of the one before', async () => {
  const { last, log, look, write } = await opened(300);
  await look();
  log.epoch = 'e2';
  log.end = 0;
  await write(5);
  await look();
  expect(last().lines.map(({ text }) => text)).toEqual(['e2 0', 'e2 1', 'e2 2', 'e2 3', 'e2 4']);
});

test('a host that goes away leaves the lines in sight, and is read on when it is back', async () => {
  const { feed, hangUp, last, log, look, numbers } = await opened(300);
  await look();
  await hangUp();
  expect(last()).toMatchObject({ state: 'failed', why: 'not connected' });
  expect(numbers()).toEqual([100, 299]);
  log.away = false;
  log.end = 310;
  feed.again();
  await nextTurn();
  expect(last()).toMatchObject({ state: 'ready', why: '', newer: 0 });
  expect(numbers()).toEqual([100, 309]);
});

test('after it was closed nothing is asked and nothing is told', async () => {
  const { feed, log, look, views, write } = await opened(300);
  await look();
  const told = views.length;
  feed.close();
  await write(1);
  await look();
  expect(views).toHaveLength(told);
  expect(log.asked).toHaveLength(2);
});
