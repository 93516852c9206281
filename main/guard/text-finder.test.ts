import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTextFinder } from './text-finder.ts';

const letters = fc.constantFrom('a', 'b', 'c', 'é', '文');
const text = (minLength: number, maxLength: number) => fc.string({ unit: letters, minLength, maxLength });

test.each([2, 3, 6, 8])(
  'it finds what a search for each finds, with strings of %i characters and more',
  (shortest) => {
    fc.assert(
      fc.property(
        fc.array(text(shortest, shortest + 4), { maxLength: 20 }),
        text(0, 60),
        (values, haystack) => {
          const finder = createTextFinder(shortest);
          const known = values.map((value) => finder.add(value));
          const found = new Set<string>();
          finder.each(haystack, (id, at) => found.add(`${id} ${at}`));
          const wanted = new Set<string>();
          for (const [index, value] of values.entries()) {
            for (let at = haystack.indexOf(value); at >= 0; at = haystack.indexOf(value, at + 1)) {
              wanted.add(`${known[index]} ${at}`);
            }
          }
          expect(found).toEqual(wanted);
        },
      ),
    );
  },
);

test('strings that come one after the other are all found when there are many', () => {
  const finder = createTextFinder(6);
  const values = Array.from({ length: 3000 }, (_, index) => `value-${index}-end`);
  const ids = values.map((value) => finder.add(value));
  expect(new Set(ids).size).toBe(3000);
  expect(finder.add('value-7-end')).toBe(ids[7]);
  const found: number[] = [];
  finder.each(values.join(' '), (id) => found.push(id));
  expect(found).toEqual(ids);
});

test('a string that is too short is refused', () => {
  expect(() => createTextFinder(6).add('short')).toThrow(RangeError);
});
