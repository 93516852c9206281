import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../../contract/sessions.ts';
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
