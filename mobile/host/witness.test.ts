/** @jest-environment node */
import { createLog, leaf } from './fake-log.ts';
import type { CallOutcome } from './call-outcome.ts';
import { createWitness, LOOK_EVERY } from './witness.ts';

/** A witness with a clock by hand. */
async function setup(kept = new Map<string, string>()) {
  const given = { log: createLog(), asked: [] as (number | undefined)[] };
  given.log.grow(5);
  const timers: (() => void)[] = [];
  const clock = { now: 1000 };
  const made = createWitness({
    notes: {
      read: (name) => Promise.resolve(kept.get(name)),
      write: (name, text) => Promise.resolve(void kept.set(name, text)),
      remove: (name) => Promise.resolve(void kept.delete(name)),
    },
    name: 'witness.k1',
    ask(since) {
      given.asked.push(since);
      const value = given.log.answer(since);
      return Promise.resolve({ kind: 'done', value } satisfies CallOutcome<'audit.checkpoint'>);
    },
    schedule(delay, run) {
      expect(delay).toBe(LOOK_EVERY);
      timers.push(run);
      return () => void timers.splice(0);
    },
    now: () => clock.now,
    changed: () => undefined,
  });
  await made.read();
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  async function look(): Promise<void> {
    made.look();
    await turns();
  }
  async function minute(): Promise<void> {
    clock.now += LOOK_EVERY;
    for (const run of timers.splice(0)) run();
    await turns();
  }
  return { witness: made, given, kept, look, minute, turns };
}

test('the first look is taken as it is, and a log that grows is followed, once a minute at most', async () => {
  const { witness, given, look, minute } = await setup();
  expect(witness.view()).toEqual({ kind: 'none' });
  await look();
  expect(witness.view()).toEqual({ kind: 'kept', size: 5, at: 1000 });
  for (const count of [1, 2, 7, 30]) {
    given.log.grow(count);
    await look();
    await look();
    await minute();
  }
  expect(witness.view()).toMatchObject({ kind: 'kept', size: 45 });
  expect(given.asked).toEqual([undefined, 5, 6, 8, 15]);
});

test.each<[string, string, (log: ReturnType<typeof createLog>) => ReturnType<typeof createLog>]>([
  ['has fewer records', 'smaller', (log) => (log.leaves.splice(3), log)],
  [
    'had one record changed',
    'inconsistent',
    (log) => (log.leaves.splice(1, 1, leaf('changed')), log.grow(2), log),
  ],
  [
    'was rewritten to the same size',
    'inconsistent',
    (log) => (log.leaves.splice(0), log.grow(5, 'other'), log),
  ],
  [
    'is signed with another key',
    'other-log',
    () => {
      const other = createLog();
      other.grow(9);
      return other;
    },
  ],
  [
    'has another name',
    'bad-signature',
    () => {
      const other = createLog(undefined, 'a b');
      other.grow(9);
      return other;
    },
  ],
])(
  'a log that %s is altered until the person has taken note, also after a restart',
  async (_what, how, change) => {
    const { witness, given, kept, look, minute } = await setup();
    await look();
    given.log = change(given.log);
    await look();
    await minute();
    expect(witness.view()).toEqual({ kind: 'altered', how, size: 5, at: 1000 });
    const asked = given.asked.length;
    await look();
    expect(given.asked).toHaveLength(asked);

    const again = await setup(kept);
    expect(again.witness.view()).toMatchObject({ kind: 'altered', how });
    await again.witness.acknowledge();
    await again.turns();
    expect(again.witness.view()).toMatchObject({ kind: 'kept', size: 5 });
    expect(again.given.asked).toEqual([undefined]);
  },
);

test('a host that was removed leaves nothing, and is not asked any more', async () => {
  const { witness, given, kept, look } = await setup();
  await look();
  await witness.forget();
  expect(kept.size).toBe(0);
  await look();
  expect(given.asked).toHaveLength(1);
});
