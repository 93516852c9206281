import { expect, test } from 'vitest';
import type { TimelineItem } from './timeline-model.ts';
import { copyText, findItems } from './timeline-text.ts';

const at = '2026-01-01T00:00:00.000Z';
const who = { user: 'You', message: 'Agent', thought: 'Agent, thinking' };
const speech = (text: string): TimelineItem => ({ kind: 'speech', who: 'user', key: 0, at, text });
const tool = (title: string, output: string): TimelineItem => ({
  kind: 'tool',
  key: 0,
  entry: {
    ...{ seq: 0, at, kind: 'tool', toolCallId: 'a', title, toolKind: 'execute', state: 'completed' },
    ...{ paths: ['src/Price.ts'], output },
  },
});

test('a search looks through words, titles, paths and output, whatever the case', () => {
  const items = [speech('Round the prices'), tool('npm test', 'all GREEN'), speech('other')];
  expect(findItems(items, 'PRICE')).toEqual([0, 1]);
  expect(findItems(items, ' green ')).toEqual([1]);
  expect(findItems(items, 'nowhere')).toEqual([]);
  expect(findItems(items, '  ')).toEqual([]);
});

test('what is copied is Markdown that its own content cannot break out of', () => {
  expect(copyText(speech('hello\n'), who)).toBe('**You**\n\nhello');
  const text = copyText(tool('cat x', 'a\n````\nb\n'), who);
  expect(text).toBe('`cat x` (completed)\n\n`````\na\n````\nb\n`````');
});
