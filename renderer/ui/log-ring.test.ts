import { expect, test } from 'vitest';
import { createLogRing, type LogRing } from './log-ring.ts';

const all = (ring: LogRing) => Array.from({ length: ring.size }, (_, i) => ring.at(i));

test('lines are whole however the stream is cut', () => {
  const ring = createLogRing({ lines: 10, characters: 1000 });
  for (const piece of ['fir', 'st\nsec', 'ond\n', 'thi']) ring.push(piece);
  expect(all(ring)).toEqual(['first', 'second', 'thi']);
  ring.push('rd\n');
  expect(all(ring)).toEqual(['first', 'second', 'third']);
});

test('an escape sequence cut in two leaves nothing behind', () => {
  const ring = createLogRing({ lines: 10, characters: 1000 });
  ring.push('\u001B[3');
  expect(all(ring)).toEqual(['']);
  ring.push('1mred\u001B[0m\n');
  expect(all(ring)).toEqual(['red']);
});

test('only the newest lines are held, and what fell out is counted', () => {
  const ring = createLogRing({ lines: 3, characters: 1000 });
  ring.push('1\n2\n3\n4\n5\n');
  expect(all(ring)).toEqual(['3', '4', '5']);
  expect(ring.dropped).toBe(2);
});

test('a million lines stay within the limit of lines and are quick', () => {
  const ring = createLogRing({ lines: 200_000, characters: 32_000_000 });
  for (let i = 0; i < 100; i++)
    ring.push(Array.from({ length: 10_000 }, (_, j) => `line ${i * 10_000 + j}\n`).join(''));
  expect([ring.size, ring.dropped]).toEqual([200_000, 800_000]);
  expect(ring.at(199_999)).toBe('line 999999');
});

test('long lines count by their length, and one alone is always held', () => {
  const ring = createLogRing({ lines: 100, characters: 250 });
  ring.push(`${'a'.repeat(200)}\n${'b'.repeat(200)}\n`);
  expect(all(ring)).toEqual(['b'.repeat(200)]);
});

test('searching ignores the case of letters', () => {
  const ring = createLogRing({ lines: 10, characters: 1000 });
  ring.push('Ready\nerror: x\nERROR: y\n');
  expect(ring.find('error')).toEqual([1, 2]);
});
