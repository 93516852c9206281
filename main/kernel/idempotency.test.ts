import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reply } from '../../contract/errors.ts';
import { DeviceId } from '../../contract/ids.ts';
import { handClock, memoryAuditor, silentLog } from '../testing/fake-ports.ts';
import { deviceCaller, ownerCaller } from './caller.ts';
import { COUNTER_WINDOW, createCommandLedger } from './command-ledger.ts';
import { openDatabase } from './database.ts';
import { createOnceRouter } from './idempotency.ts';
import { createReplayAlarm } from './replay-alarm.ts';

const phone = deviceCaller(DeviceId.parse('d1'), 'manage');
const other = deviceCaller(DeviceId.parse('d2'), 'manage');
const stamp = (counter: number, commandId = `command-id-${String(counter).padStart(5, '0')}`) => ({
  commandId,
  counter,
});
const first = stamp(1);

function setUp(db = openDatabase(':memory:')) {
  let runs = 0;
  const answers: ((reply: Reply) => void)[] = [];
  const clock = handClock();
  const auditor = memoryAuditor();
  const alerts: string[] = [];
  const ledger = createCommandLedger(db);
  const once = createOnceRouter({
    ledger,
    log: silentLog,
    replayed: createReplayAlarm({ clock, audit: auditor, raise: (kind) => void alerts.push(kind) }),
    router: () => {
      runs += 1;
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  const answer = (value: unknown) => answers.shift()?.({ ok: true, value });
  const whys = () => auditor.entries.map(({ type, facts }) => [type, facts?.['why']]);
  return { db, once, answer, ledger, clock, auditor, alerts, whys, runs: () => runs };
}

test('the same command twice, at once and later, runs once and is answered alike', async () => {
  const { once, answer, runs } = setUp();
  const one = once(phone, 'host.pause', {}, first);
  const two = once(phone, 'host.pause', {}, first);
  answer({ n: 1 });
  expect(await Promise.all([one, two])).toEqual([
    { ok: true, value: { n: 1 } },
    { ok: true, value: { n: 1 } },
  ]);
  expect(await once(phone, 'host.pause', {}, first)).toEqual({ ok: true, value: { n: 1 } });
  expect(runs()).toBe(1);
});

test('1,000 parallel submits of one command run once, and all are answered alike', async () => {
  const { once, answer, runs } = setUp();
  const all = Array.from({ length: 1_000 }, () => once(phone, 'host.pause', {}, first));
  answer({ n: 1 });
  const replies = new Set((await Promise.all(all)).map((reply) => JSON.stringify(reply)));
  expect([runs(), replies.size]).toEqual([1, 1]);
  process.stdout.write(`double submits: 1000 of one command in parallel, ${runs()} execution\n`);
});

test('another request under the same id, or the same under another number, is a conflict and goes on record', async () => {
  const { once, answer, runs, whys, alerts } = setUp();
  void once(phone, 'supervisor.stop', { name: 'a' }, first);
  answer({});
  const conflict = { ok: false, error: { code: 'conflict' } };
  expect(await once(phone, 'supervisor.stop', { name: 'b' }, first)).toMatchObject(conflict);
  expect(await once(phone, 'supervisor.stop', { name: 'a' }, { ...first, counter: 2 })).toMatchObject(
    conflict,
  );
  expect(await once(phone, 'supervisor.stop', { name: 'a' }, stamp(1, 'another-command-1'))).toMatchObject(
    conflict,
  );
  expect(runs()).toBe(1);
  expect(whys()).toEqual([
    ['command.replayed', 'other-request'],
    ['command.replayed', 'other-counter'],
    ['command.replayed', 'used-counter'],
  ]);
  expect(alerts).toEqual(['replay-refused']);
});

test('a command that lies 4,096 behind is refused, also long after its own record is gone', async () => {
  const { once, answer, runs, whys, db } = setUp();
  const send = (counter: number) => {
    const reply = once(phone, 'host.pause', {}, stamp(counter));
    answer({ counter });
    return reply;
  };
  await send(1);
  await send(2);
  await send(COUNTER_WINDOW + 1);
  expect(db.all('SELECT counter FROM seen_commands').map((row) => row['counter'])).toEqual([
    2,
    COUNTER_WINDOW + 1,
  ]);
  expect(await send(1)).toMatchObject({ ok: false, error: { code: 'conflict' } });
  expect(await send(2)).toEqual({ ok: true, value: { counter: 2 } });
  expect(await send(3)).toEqual({ ok: true, value: { counter: 3 } });
  expect(runs()).toBe(4);
  expect(whys()).toEqual([['command.replayed', 'old-counter']]);
});

test('in whatever order the commands of a device come, and however often, each runs once or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 * COUNTER_WINDOW }), { maxLength: 60 }),
      async (counters) => {
        const { db } = setUp();
        const ran = new Map<number, number>();
        const ledger = createCommandLedger(db);
        const counting = createOnceRouter({
          ...{ ledger, log: silentLog, replayed: () => {} },
          router: (_caller, _name, input) => {
            const { n } = input as { n: number };
            ran.set(n, (ran.get(n) ?? 0) + 1);
            return Promise.resolve({ ok: true, value: n });
          },
        });
        let top = 0;
        for (const n of [...counters, ...counters]) {
          const old = n <= top - COUNTER_WINDOW;
          const reply = await counting(phone, 'host.pause', { n }, stamp(n));
          expect(reply.ok).toBe(!old);
          top = Math.max(top, n);
        }
        expect([...ran.values()].every((times) => times === 1)).toBe(true);
        expect(ledger.highWater(phone.principal)).toBe(top);
        db.close();
      },
    ),
    { numRuns: 60 },
  );
});

test('a command of a device without an id or a number is refused; reading needs neither', async () => {
  const { once, runs } = setUp();
  const refused = { ok: false, error: { code: 'invalid_input' } };
  expect(await once(phone, 'host.pause', {})).toMatchObject(refused);
  expect(await once(phone, 'host.pause', {}, { commandId: first.commandId })).toMatchObject(refused);
  expect(await once(phone, 'host.pause', {}, { counter: 1 })).toMatchObject(refused);
  expect(runs()).toBe(0);
  void once(phone, 'tasks.list', {});
  expect(runs()).toBe(1);
});

test('a request that cannot be written down in one way is refused, not run', async () => {
  const { once, runs, ledger } = setUp();
  for (const input of [undefined, { text: '\ud800' }]) {
    expect(await once(phone, 'host.pause', input, first)).toMatchObject({ error: { code: 'invalid_input' } });
  }
  expect([runs(), ledger.highWater(phone.principal)]).toEqual([0, 0]);
});

test('nothing runs that could not be written down first', async () => {
  const { once, runs, db } = setUp();
  db.close();
  expect(await once(phone, 'host.pause', {}, first)).toMatchObject({ error: { code: 'unavailable' } });
  expect(runs()).toBe(0);
});

test('a command whose answer was lost in a crash is unknown, and not run again', async () => {
  const { db, once } = setUp();
  void once(phone, 'host.pause', {}, first);
  const next = setUp(db);
  expect(await next.once(phone, 'host.pause', {}, first)).toMatchObject({
    error: { code: 'unavailable', data: { unknown: true } },
  });
  expect(next.runs()).toBe(0);
});

test('ids and numbers of two devices have nothing to do with each other, and the owner needs none', () => {
  const { once, runs, ledger } = setUp();
  void once(phone, 'host.pause', {}, first);
  void once(other, 'host.pause', {}, first);
  void once(ownerCaller('cli'), 'host.pause', {});
  expect(runs()).toBe(3);
  expect([ledger.highWater(phone.principal), ledger.highWater('owner:cli')]).toEqual([1, 0]);
});

test('a flood of replays is on record each time, and on the list of alerts once in ten minutes', async () => {
  const { once, answer, auditor, alerts, clock } = setUp();
  void once(phone, 'host.pause', {}, first);
  answer({});
  const replay = () => once(phone, 'host.resume', {}, first);
  for (let i = 0; i < 50; i += 1) await replay();
  expect([auditor.entries.length, alerts.length]).toEqual([50, 1]);
  clock.advance(600_000);
  await replay();
  expect(alerts).toHaveLength(2);
});
