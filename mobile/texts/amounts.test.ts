import { bytes, cores, count, elapsed, money } from './amounts.ts';

test('numbers, money and times are written as people read them', () => {
  expect([0, 999, 1000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([money(0, 'USD'), money(0.0312, 'USD'), money(12.5, 'EUR')]).toEqual([
    ...['0.00 USD', '0.0312 USD', '12.50 EUR'],
  ]);
  expect([-5, 0, 61_999, 3_661_000].map(elapsed)).toEqual(['0:00', '0:00', '1:01', '1:01:01']);
});

test('processors and bytes are written short', () => {
  expect([null, 0, 0.004, 0.0994, 0.0996, 2.5].map(cores)).toEqual([
    '…',
    '0 %',
    '0.4 %',
    '9.9 %',
    '10 %',
    '250 %',
  ]);
  expect([0, 1023, 1024, 130_023_424, 3 * 1024 ** 3].map(bytes)).toEqual([
    ...['0 B', '1023 B', '1.0 KB', '124 MB', '3.0 GB'],
  ]);
});
