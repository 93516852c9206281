import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../../../contract/sessions.ts';
import { createEntryReader, emptyTimeline, foldEntries } from './timeline-model.ts';

const at = '2026-01-01T00:00:00.000Z';
const said = (seq: number, kind: 'user' | 'message' | 'thought', text: string): TimelineEntry => ({
  seq,
  at,
  kind,
  text,
});
const tool = (seq: number, toolCallId: string, state: 'pending' | 'completed'): TimelineEntry => ({
  seq,
  at,
  kind: 'tool',
  toolCallId,
  title: 'Read a file',
  toolKind: 'read',
  state,
  paths: [],
  output: '',
});

test('pieces of one speech are joined, another speaker starts anew', () => {
  const { items } = foldEntries(emptyTimeline, [
    said(0, 'user', 'go'),
    said(1, 'message', 'Hel'),
    said(2, 'message', 'lo'),
    said(3, 'thought', 'hm'),
  ]);
  expect(items.map((item) => item.kind === 'speech' && item.text)).toEqual(['go', 'Hello', 'hm']);
});

test('a tool call stays where it began and shows how it stands', () => {
  const { items } = foldEntries(emptyTimeline, [
    tool(0, 'a', 'pending'),
    said(1, 'message', 'x'),
    tool(2, 'a', 'completed'),
  ]);
  expect(items).toHaveLength(2);
  expect(items[0]).toMatchObject({ kind: 'tool', key: 0, entry: { state: 'completed' } });
});

test('a plan and a question are shown once, as they are now', () => {
  const plan = (seq: number, text: string): TimelineEntry => ({
    seq,
    at,
    kind: 'plan',
    entries: [{ text, state: 'pending' }],
  });
  const ask = (seq: number, outcome: 'asked' | 'allowed'): TimelineEntry => ({
    seq,
    at,
    kind: 'permission',
    approvalId: 'p',
    title: 't',
    outcome,
  });
  const { items } = foldEntries(emptyTimeline, [
    plan(0, 'a'),
    ask(1, 'asked'),
    plan(2, 'b'),
    ask(3, 'allowed'),
  ]);
  expect(items).toMatchObject([{ entry: { entries: [{ text: 'b' }] } }, { entry: { outcome: 'allowed' } }]);
});

test('each turn has a plan of its own', () => {
  const plan = (seq: number, text: string): TimelineEntry => ({
    ...{ seq, at, kind: 'plan' },
    entries: [{ text, state: 'pending' }],
  });
  const { items } = foldEntries(emptyTimeline, [
    plan(0, 'a'),
    plan(1, 'b'),
    said(2, 'user', 'more'),
    plan(3, 'c'),
  ]);
  expect(items).toMatchObject([
    { kind: 'plan', entry: { entries: [{ text: 'b' }] } },
    { kind: 'speech' },
    { kind: 'plan', entry: { entries: [{ text: 'c' }] } },
  ]);
});

test('folding in pieces gives what folding at once gives', () => {
  const entries = Array.from({ length: 60 }, (_, seq) =>
    seq % 3 === 0
      ? tool(seq, `t${seq % 4}`, 'pending')
      : said(seq, seq % 7 === 0 ? 'user' : 'message', `${seq} `),
  );
  const whole = foldEntries(emptyTimeline, entries);
  let pieces = emptyTimeline;
  for (let i = 0; i < 60; i += 7) pieces = foldEntries(pieces, entries.slice(i, i + 7));
  expect(pieces).toEqual(whole);
  expect([whole.firstSeq, whole.lastSeq]).toEqual([0, 59]);
});

test('10,000 entries are folded quickly, and so is one more', () => {
  const entries = Array.from({ length: 10_000 }, (_, seq) => tool(seq, `t${seq}`, 'completed'));
  const began = performance.now();
  const whole = foldEntries(emptyTimeline, entries);
  const once = performance.now() - began;
  for (let seq = 10_000; seq < 10_020; seq += 1) foldEntries(whole, [tool(seq, 't1', 'completed')]);
  const more = (performance.now() - began - once) / 20;
  process.stdout.write(
    `timeline fold: 10000 entries in ${once.toFixed(1)} ms, one more in ${more.toFixed(2)} ms\n`,
  );
  expect(once).toBeLessThan(1000);
  expect(more).toBeLessThan(100);
});

test('a stream that is read again from the start changes nothing', () => {
  const entries = [said(0, 'user', 'go'), said(1, 'message', 'a')];
  const once = foldEntries(emptyTimeline, entries);
  expect(foldEntries(once, entries)).toEqual(once);
});

test('entries are whole however the stream is cut, and damaged lines are counted', () => {
  const reader = createEntryReader();
  const line = JSON.stringify(said(0, 'user', 'hi'));
  expect(reader.push(line.slice(0, 10))).toEqual([]);
  expect(reader.push(`${line.slice(10)}\n{"torn":\n{"seq":1,"kind":"evil"}\n\n`)).toEqual([
    said(0, 'user', 'hi'),
  ]);
  expect(reader.unreadable).toBe(2);
});
