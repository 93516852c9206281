import { count, elapsed, money } from './amounts.ts';

test('numbers, money and times are written as people read them', () => {
  expect([0, 999, 1000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([money(0, 'USD'), money(0.0312, 'USD'), money(12.5, 'EUR')]).toEqual([
    ...['0.00 USD', '0.0312 USD', '12.50 EUR'],
  ]);
  expect([-5, 0, 61_999, 3_661_000].map(elapsed)).toEqual(['0:00', '0:00', '1:01', '1:01:01']);
});
