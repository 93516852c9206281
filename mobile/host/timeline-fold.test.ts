import type { TimelineEntry } from '../../contract/sessions.ts';
import { fold, nothingFolded } from './timeline-fold.ts';

const at = '2026-01-01T00:00:00.000Z';
const words = (seq: number, kind: 'user' | 'message' | 'thought', text: string): TimelineEntry => ({
  ...{ seq, at, kind, text },
});
const plan = (seq: number, text: string): TimelineEntry => ({
  ...{ seq, at, kind: 'plan', entries: [{ text, state: 'pending' }] },
});
const tool = (seq: number, state: 'pending' | 'completed'): TimelineEntry => ({
  ...{ seq, at, kind: 'tool', toolCallId: 'c1', title: 'Edit', toolKind: 'edit', state },
  ...{ paths: ['a.txt'], output: '' },
});

test('pieces of one speech are joined, and a tool call stands once, where it began', () => {
  const { firstSeq, items, lastSeq } = fold(nothingFolded, [
    words(0, 'user', 'Do it'),
    words(1, 'thought', 'hm'),
    words(2, 'thought', 'm'),
    words(3, 'message', 'I will '),
    words(4, 'message', 'do it.'),
    tool(5, 'pending'),
    words(6, 'message', 'Now'),
    tool(7, 'completed'),
  ]);
  expect(items).toMatchObject([
    { who: 'you', text: 'Do it' },
    { who: 'thought', text: 'hmm' },
    { who: 'agent', text: 'I will do it.' },
    { kind: 'tool', state: 'completed' },
    { who: 'agent', text: 'Now' },
  ]);
  expect([firstSeq, lastSeq]).toEqual([0, 7]);
});

test('each turn has one plan; what a person says twice stands twice', () => {
  const { items } = fold(nothingFolded, [
    words(0, 'user', 'go'),
    plan(1, 'a'),
    plan(2, 'b'),
    words(3, 'user', 'more'),
    words(4, 'user', 'more'),
    plan(5, 'c'),
  ]);
  expect(items.map((item) => (item.kind === 'plan' ? item.steps[0]?.text : 'you'))).toEqual([
    ...['you', 'b', 'you', 'you', 'c'],
  ]);
});

test('folding in pieces, also repeated ones, gives what folding at once gives', () => {
  const entries = Array.from({ length: 60 }, (_, seq) =>
    seq % 3 === 0 ? tool(seq, 'pending') : words(seq, seq % 7 === 0 ? 'user' : 'message', `${String(seq)} `),
  );
  let pieces = nothingFolded;
  for (let from = 0; from < 60; from += 7)
    pieces = fold(pieces, entries.slice(Math.max(0, from - 3), from + 7));
  expect(pieces).toEqual(fold(nothingFolded, entries));
});
