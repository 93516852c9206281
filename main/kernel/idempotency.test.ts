import { expect, test } from 'vitest';
import type { Reply } from '../../contract/errors.ts';
import { DeviceId } from '../../contract/ids.ts';
import { handClock } from '../testing/fake-ports.ts';
import { deviceCaller, ownerCaller } from './caller.ts';
import { openDatabase } from './database.ts';
import { createOnceRouter } from './idempotency.ts';

const phone = deviceCaller(DeviceId.parse('d1'), 'manage');
const other = deviceCaller(DeviceId.parse('d2'), 'manage');
const id = 'command-id-00001';

function setUp(db = openDatabase(':memory:')) {
  let runs = 0;
  const answers: ((reply: Reply) => void)[] = [];
  const once = createOnceRouter({
    db,
    clock: handClock(),
    router: () => {
      runs += 1;
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  const answer = (value: unknown) => answers.shift()?.({ ok: true, value });
  return { db, once, answer, runs: () => runs };
}

test('the same command twice, at once and later, runs once and is answered alike', async () => {
  const { once, answer, runs } = setUp();
  const first = once(phone, 'host.pause', {}, id);
  const second = once(phone, 'host.pause', {}, id);
  answer({ n: 1 });
  expect(await Promise.all([first, second])).toEqual([
    { ok: true, value: { n: 1 } },
    { ok: true, value: { n: 1 } },
  ]);
  expect(await once(phone, 'host.pause', {}, id)).toEqual({ ok: true, value: { n: 1 } });
  expect(runs()).toBe(1);
});

test('another request under the same id is a conflict', async () => {
  const { once, answer, runs } = setUp();
  void once(phone, 'supervisor.stop', { name: 'a' }, id);
  answer({});
  expect(await once(phone, 'supervisor.stop', { name: 'b' }, id)).toMatchObject({
    error: { code: 'conflict' },
  });
  expect(runs()).toBe(1);
});

test('a command whose answer was lost in a crash is unknown, and not run again', async () => {
  const { db, once } = setUp();
  void once(phone, 'host.pause', {}, id);
  const next = setUp(db);
  expect(await next.once(phone, 'host.pause', {}, id)).toMatchObject({
    error: { code: 'unavailable', data: { unknown: true } },
  });
  expect(next.runs()).toBe(0);
});

test('ids of two devices have nothing to do with each other, and reading needs none', async () => {
  const { once, runs } = setUp();
  void once(phone, 'host.pause', {}, id);
  void once(other, 'host.pause', {}, id);
  void once(phone, 'tasks.list', {}, 'command-id-00002');
  void once(phone, 'tasks.list', {}, 'command-id-00002');
  void once(ownerCaller('cli'), 'host.pause', {}, id);
  expect(runs()).toBe(5);
});
