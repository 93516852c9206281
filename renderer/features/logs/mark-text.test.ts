import { expect, test } from 'vitest';
import { markText } from './mark-text.ts';

test('every place is marked, and the text stays whole', () => {
  const pieces = markText('Error: an error', { text: 'error', caseSensitive: false });
  expect(pieces.filter(({ isMarked }) => isMarked).map(({ text }) => text)).toEqual(['Error', 'error']);
  expect(pieces.map(({ text }) => text).join('')).toBe('Error: an error');
  expect(markText('Error', { text: 'error', caseSensitive: true })).toEqual([
    { text: 'Error', isMarked: false },
  ]);
});
