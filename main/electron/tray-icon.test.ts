import { expect, test } from 'vitest';
import { drawIcon } from './tray-icon.ts';

const MARKS = ['idle', 'working', 'needs-you', 'exposed', 'problem'] as const;

const covered = (mark: (typeof MARKS)[number], size: number) =>
  [...drawIcon(mark, size, true)].filter((_, index) => index % 4 === 3).map((alpha) => alpha > 127);

test.each([16, 18, 22, 44])('at %i pixels any two states differ in shape alone', (size) => {
  for (const one of MARKS) {
    for (const other of MARKS.filter((mark) => mark !== one)) {
      const b = covered(other, size);
      const differing = covered(one, size).filter((is, index) => is !== b[index]).length;
      expect(differing / (size * size), `${one} and ${other}`).toBeGreaterThan(0.08);
    }
  }
});

test('every icon has ink and room around it', () => {
  for (const mark of MARKS) {
    const share = covered(mark, 44).filter(Boolean).length / (44 * 44);
    expect(share, mark).toBeGreaterThan(0.15);
    expect(share, mark).toBeLessThan(0.75);
  }
});

test('a monochrome icon holds no colour, and a colour never exceeds its alpha', () => {
  for (const mark of MARKS) {
    const mono = drawIcon(mark, 22, true);
    const coloured = drawIcon(mark, 22);
    for (let at = 0; at < mono.length; at += 4) {
      expect([...mono.subarray(at, at + 3)]).toEqual([0, 0, 0]);
      expect(Math.max(...coloured.subarray(at, at + 3))).toBeLessThanOrEqual(coloured[at + 3] ?? 0);
    }
  }
});
