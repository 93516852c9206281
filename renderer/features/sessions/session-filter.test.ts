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
  expect(ids(withNews(listed, live, noFilter, false))).toEqual(['c', 'b']);
  expect(ids(withNews(listed, live, noFilter, true))).toEqual(['c', 'b', 'old']);
  expect(ids(withNews([], live, { ...noFilter, which: 'deleted' }, true))).toEqual(['a']);
  expect(ids(withNews(listed, live, { ...noFilter, agent: 'other' }, true))).toEqual([]);
});
