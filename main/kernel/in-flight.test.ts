import { expect, test } from 'vitest';
import { handClock } from '../testing/fake-ports.ts';
import { createInFlight } from './in-flight.ts';

test('who stops waits for what is under way, also for what fails or begins meanwhile, and not for ever', async () => {
  const clock = handClock();
  const inFlight = createInFlight(clock);
  await inFlight.idle(1_000);
  let end = () => {};
  let fail = (_error: Error) => {};
  inFlight.add(new Promise<void>((resolve) => (end = resolve)));
  let over = false;
  const waiting = inFlight.idle(1_000).then(() => (over = true));
  const second = new Promise<void>((_resolve, reject) => (fail = reject));
  inFlight.add(second);
  end();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(over).toBe(false);
  fail(new Error('failed'));
  await waiting;
  inFlight.add(new Promise(() => {}));
  const late = inFlight.idle(1_000);
  clock.advance(1_000);
  await late;
});
