import { expect, test } from 'vitest';
import { Session } from '../../../contract/sessions.ts';
import { askFor, noFilter, withNews } from './session-filter.ts';

const session = (id: string, createdAt: string, part: Partial<Session> = {}): Session =>
  Session.parse({
    ...{ id, agentSessionId: id, agent: 'demo', workspaceId: 'w', taskId: null, title: id, state: 'ended' },
    ...{
      createdAt: `2026-01-${createdAt}T00:00:00.000Z`,
      lastActiveAt: `2026-01-${createdAt}T00:00:00.000Z`,
      ...part,
    },
  });
const ids = (sessions: readonly Session[]) => sessions.map(({ id }) => id);

test('the host is asked for what the filters say, and for nothing more', () => {
  expect(askFor(noFilter, 50)).toEqual({ limit: 50 });
  expect(askFor({ which: 'deleted', agent: 'demo', workspaceId: 'w' }, 50)).toEqual({
    ...{ limit: 50, agent: 'demo', workspace: 'w', state: 'deleted' },
  });
  expect(askFor({ ...noFilter, which: 'agent' }, 50)).toEqual({ limit: 50, origin: 'agent' });
});

test('what happened since the list was asked for is in it: begun, changed, deleted', () => {
  const listed = [session('b', '03'), session('a', '02')];
  const live = {
    a: session('a', '02', { state: 'deleted' }),
    c: session('c', '04', { state: 'open' }),
    old: session('old', '01'),
  };
  const news = { live, removed: new Map() };
  expect(ids(withNews(listed, news, noFilter, false))).toEqual(['c', 'b']);
  expect(ids(withNews(listed, news, noFilter, true))).toEqual(['c', 'b', 'old']);
  expect(ids(withNews([], news, { ...noFilter, which: 'deleted' }, true))).toEqual(['a']);
  expect(ids(withNews(listed, news, { ...noFilter, agent: 'other' }, true))).toEqual([]);
});

test('what was taken out of the state leaves the list, is found among the deleted, and comes back when it is restored', () => {
  const listed = [session('b', '03'), session('a', '02')];
  const deleted = session('a', '02', { state: 'deleted' });
  const gone = { live: {}, removed: new Map([['a', null]]) };
  const known = { live: {}, removed: new Map([['a', deleted]]) };
  const back = { live: { a: session('a', '02') }, removed: new Map([['a', deleted]]) };
  const onlyDeleted = { ...noFilter, which: 'deleted' } as const;
  expect(ids(withNews(listed, gone, noFilter, true))).toEqual(['b']);
  expect(ids(withNews(listed, known, noFilter, true))).toEqual(['b']);
  expect(ids(withNews([], known, onlyDeleted, true))).toEqual(['a']);
  expect(ids(withNews([deleted], gone, onlyDeleted, true))).toEqual([]);
  expect(ids(withNews(listed, back, noFilter, true))).toEqual(['b', 'a']);
});
