import { SessionId } from '../../contract/ids.ts';
import type { TimelineEntry } from '../../contract/sessions.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { HostLink } from './host-link.ts';
import type { TimelineView } from './task-views.ts';
import { createLineReader, openTimelineFeed } from './timeline-feed.ts';

const at = '2026-01-01T00:00:00.000Z';
const said = (seq: number): TimelineEntry => ({ seq, at, kind: 'user', text: `no. ${String(seq)}` });
const range = (from: number, to: number): TimelineEntry[] =>
  Array.from({ length: to - from + 1 }, (_, index) => said(from + index));
const lines = (entries: readonly object[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
const id = SessionId.parse('c1');

/** A host with a timeline of `written` entries; pages are answered when the test says so. */
function fakeHost() {
  const asked: Record<string, unknown>[] = [];
  const open: ((outcome: CallOutcome<'sessions.timeline'>) => void)[] = [];
  let offset: number | undefined;
  let hear: (text: string, offset?: number) => void = () => undefined;
  let left = 0;
  const call = (_name: string, input: object) => {
    asked.push({ ...input });
    return new Promise<CallOutcome<'sessions.timeline'>>((resolve) => open.push(resolve));
  };
  const link: Pick<HostLink, 'call' | 'follow'> = {
    call: call as HostLink['call'],
    follow(_source, onChunk, from) {
      offset = from;
      hear = (text, place = 0) => {
        onChunk({ offset: place, nextOffset: place + text.length, text });
      };
      return () => {
        left += 1;
      };
    },
  };
  const settle = async (outcome: unknown): Promise<void> => {
    open.shift()?.(outcome as CallOutcome<'sessions.timeline'>);
    await Promise.resolve();
    await Promise.resolve();
  };
  return {
    ...{ asked, link },
    from: () => offset,
    left: () => left,
    hear: (text: string, place?: number) => {
      hear(text, place);
    },
    page: (entries: TimelineEntry[], change: object = {}) =>
      settle({
        kind: 'done',
        value: { epoch: 'e1', reset: false, entries, more: false, unreadable: 0, ...change },
      }),
    refuse: (why: string) => settle({ kind: 'refused', why }),
  };
}

function opened() {
  const host = fakeHost();
  const views: TimelineView[] = [];
  const feed = openTimelineFeed(host.link, id, 'no answer', (view) => views.push(view));
  const last = () => views[views.length - 1];
  const texts = () => last()?.items.map((item) => (item.kind === 'speech' ? Number(item.text.slice(4)) : -1));
  return { ...host, feed, last, texts };
}

test('the newest page is read first, and the end is followed from a little before it', async () => {
  const { asked, from, hear, last, page, texts } = opened();
  expect(asked).toEqual([{ sessionId: 'c1', limit: 200, newest: true }]);
  expect(from()).toBeLessThan(0);
  // The tail begins in the middle of a line, and overlaps the page.
  hear(`"half a line"}\n${lines(range(8, 11))}`, 5000);
  await page(range(5, 9), { more: true });
  expect(texts()).toEqual([5, 6, 7, 8, 9, 10, 11]);
  hear(lines([said(12)]), 6000);
  expect(texts()).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  expect(last()).toMatchObject({ state: 'ready', more: true, unreadable: 0 });
});

test('what was written between the page and the tail is fetched, not left out', async () => {
  const { asked, hear, page, texts } = opened();
  await page(range(0, 3));
  expect(asked).toHaveLength(1);
  hear(`tail of a line\n${lines(range(50, 52))}`, 90_000);
  expect(asked).toHaveLength(2);
  hear(lines([said(53)]), 91_000);
  await page(range(10, 52), { more: true });
  expect(texts()?.slice(-3)).toEqual([51, 52, 53]);
});

test('earlier entries come before the others, once for each press', async () => {
  const { asked, feed, last, page, texts } = opened();
  await page(range(200, 201), { more: true });
  feed.earlier();
  feed.earlier();
  expect(asked.slice(1)).toEqual([{ sessionId: 'c1', limit: 200, epoch: 'e1', beforeSeq: 200 }]);
  await page(range(198, 199), { more: false, unreadable: 1 });
  expect(texts()).toEqual([198, 199, 200, 201]);
  expect(last()).toMatchObject({ more: false, unreadable: 1 });
  feed.earlier();
  expect(asked).toHaveLength(2);
});

test('when numbers from before belong to another timeline, that one is shown', async () => {
  const { feed, page, texts } = opened();
  await page(range(200, 201), { more: true });
  feed.earlier();
  await page(range(0, 1), { reset: true, epoch: 'e2' });
  expect(texts()).toEqual([0, 1]);
});

test('a timeline that cannot be read says why, and is read anew; nothing heard meanwhile is lost', async () => {
  const { feed, hear, last, page, refuse, texts } = opened();
  await refuse('it is damaged');
  expect(last()).toMatchObject({ state: 'failed', why: 'it is damaged' });
  hear(lines([said(2)]));
  feed.again();
  expect(last()).toMatchObject({ state: 'loading', why: '' });
  await page(range(0, 1));
  expect(texts()).toEqual([0, 1, 2]);
});

test('after it is closed it says nothing more, and follows no more', async () => {
  const { feed, hear, last, left, page } = opened();
  feed.close();
  await page(range(0, 1));
  hear(lines([said(2)]));
  expect([last(), left()]).toEqual([undefined, 1]);
});

test('a phone keeps a few thousand entries, and offers the earlier ones', async () => {
  const { hear, last, page } = opened();
  await page(range(0, 99));
  for (let from = 100; from < 6000; from += 100) hear(lines(range(from, from + 99)));
  expect(last()?.items.length).toBeLessThanOrEqual(4000);
  expect(last()?.items.at(-1)).toMatchObject({ text: 'no. 5999' });
  expect(last()?.more).toBe(true);
});

test('pieces may end anywhere; damaged lines and entries of another kind are counted', () => {
  const reader = createLineReader();
  const whole = `${lines([{ ...said(0), text: 'ä' }])}no json\n${lines([{ ...said(1), admin: true }])}`;
  const read = [...whole].flatMap((letter) => reader.push(letter));
  expect(read).toMatchObject([{ text: 'ä' }]);
  expect(reader.unreadable).toBe(2);
});
