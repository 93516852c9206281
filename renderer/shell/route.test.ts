import { expect, test } from 'vitest';
import { hrefOf, parseRoute, screens } from './route.ts';

test('every screen has an address that leads back to it', () => {
  for (const screen of screens)
    expect(parseRoute(hrefOf(screen, 'a_1-b'))).toEqual({ screen, item: 'a_1-b' });
  expect(parseRoute(hrefOf('audit'))).toEqual({ screen: 'audit', item: null });
});

test('an address that is no screen leads to the overview', () => {
  for (const hash of ['', '#', '#/nowhere', '#/../x', '#/tasks/<img>', 'javascript:x']) {
    expect(parseRoute(hash)).toEqual({ screen: 'overview', item: null });
  }
});
