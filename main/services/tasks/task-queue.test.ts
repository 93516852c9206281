import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WorkspaceId } from '../../../contract/ids.ts';
import { placeOf, startable } from './task-queue.ts';

const task = fc.record({
  agent: fc.constantFrom('codex', 'demo', 'gemini'),
  workspaceId: fc.constantFrom('w1', 'w2').map((id) => WorkspaceId.parse(id)),
  continues: fc.constant(null),
});

test('no place is ever busy twice, the limit holds, and the first in line goes first', () => {
  fc.assert(
    fc.property(
      fc.array(task),
      fc.uniqueArray(task, { selector: placeOf, maxLength: 4 }),
      (queued, running) => {
        const chosen = startable(queued, running, { total: 4, perAgent: () => 4 });
        const places = [...running, ...chosen].map(placeOf);
        expect(new Set(places).size).toBe(places.length);
        expect(places.length).toBeLessThanOrEqual(4);
        for (const one of chosen) {
          const first = queued.find((other) => placeOf(other) === placeOf(one));
          expect(first).toBe(one);
        }
        if (places.length < 4) {
          const free = queued.filter((one) => !places.includes(placeOf(one)));
          expect(free).toEqual([]);
        }
      },
    ),
  );
});
