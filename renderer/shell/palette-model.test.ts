import { expect, test } from 'vitest';
import { matching, type PaletteEntry } from './palette-model.ts';

const entry = (title: string, group: string): PaletteEntry => ({ id: title, title, group, run: () => {} });
const entries = [
  entry('Approvals', 'Screen'),
  entry('Stop web', 'Process'),
  entry('Web: restart', 'Process'),
  entry('Lock down', 'Host'),
];
const titles = (typed: string) => matching(entries, typed).map((found) => found.title);

test('nothing typed shows everything', () => expect(titles('')).toHaveLength(4));
test('every typed word must begin some word', () => {
  expect(titles('st we')).toEqual(['Stop web']);
  expect(titles('ock')).toEqual([]);
});
test('a title that begins with the text comes first', () =>
  expect(titles('web')).toEqual(['Web: restart', 'Stop web']));
test('the group can be searched as well', () => expect(titles('host')).toEqual(['Lock down']));
