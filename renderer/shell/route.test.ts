import { expect, test } from 'vitest';
import { hrefOf, parseRoute, railScreen, screens } from './route.ts';

test('every screen has an address that leads back to it', () => {
  for (const screen of screens)
    expect(parseRoute(hrefOf(screen, 'a_1-b'))).toEqual({ screen, item: 'a_1-b' });
  expect(parseRoute(hrefOf('audit'))).toEqual({ screen: 'audit', item: null });
});

test('the forms that the palette and the tray open have an address of their own', () => {
  expect(parseRoute('#/tasks/_new')).toEqual({ screen: 'tasks', item: '_new' });
  expect(parseRoute('#/devices/_pair')).toEqual({ screen: 'devices', item: '_pair' });
});

test('the screen of agents belongs to that of tasks', () => {
  expect(parseRoute('#/agents/_add')).toEqual({ screen: 'agents', item: '_add' });
  expect(railScreen('agents')).toBe('tasks');
  expect(screens.map(railScreen)).toEqual(screens);
});

test('an address that is no screen leads to the overview', () => {
  for (const hash of ['', '#', '#/nowhere', '#/../x', '#/tasks/<img>', 'javascript:x']) {
    expect(parseRoute(hash)).toEqual({ screen: 'overview', item: null });
  }
});
