import { expect, test } from 'vitest';
import { handClock } from '../../testing/fake-ports.ts';
import { createHandshakeLimits } from './handshake-limits.ts';

test('an address that proves nothing five times in a minute waits; another is not disturbed', () => {
  const clock = handClock();
  const limits = createHandshakeLimits(clock);
  let processed = 0;
  for (let i = 0; i < 1000; i += 1) {
    clock.advance(60);
    const place = limits.begin('noisy');
    if (!place) continue;
    processed += 1;
    place.refused();
    place.done();
  }
  const victim = limits.begin('victim');
  expect(processed).toBeLessThanOrEqual(5);
  expect(victim).not.toBeNull();
  process.stdout.write(`handshakes: 1000 tries in a minute from one address, ${processed} processed\n`);
  clock.advance(60_000);
  expect(limits.begin('noisy')).not.toBeNull();
});

test('no more than 64 handshakes are open at once, and 32 from one address', () => {
  const limits = createHandshakeLimits(handClock());
  const places = Array.from({ length: 40 }, () => limits.begin('a'));
  expect(places.filter((place) => place !== null)).toHaveLength(32);
  const others = Array.from({ length: 40 }, (_, i) => limits.begin(`b${i}`));
  expect(others.filter((place) => place !== null)).toHaveLength(32);
  places[0]?.done();
  expect(limits.begin('c')).not.toBeNull();
});

test('handshakes that only break off cost an address nothing', () => {
  const limits = createHandshakeLimits(handClock());
  for (let i = 0; i < 100; i += 1) limits.begin('phone')?.done();
  expect(limits.begin('phone')).not.toBeNull();
});
