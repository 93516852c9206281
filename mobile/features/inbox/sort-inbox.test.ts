import type { HostView, SessionView } from '../../host/views.ts';
import { host as sample } from '../sample-views.ts';
import { recentFailures } from './sort-inbox.ts';

const HOUR = 3_600_000;
const now = 100 * HOUR;

function session(id: string, status: SessionView['status'], hoursAgo: number): SessionView {
  return {
    id,
    status,
    sessionId: null,
    hostId: 'h',
    hostName: 'studio',
    agent: 'demo',
    title: id,
    changedAt: now - hoursAgo * HOUR,
    changedFiles: [],
  };
}

const host = (...sessions: SessionView[]): HostView => ({ ...sample, sessions });

test('the inbox names the tasks that failed or were cut short in the last day, the newest first, and no other', () => {
  const hosts = [
    host(session('old', 'failed', 25), session('early', 'failed', 5), session('fine', 'done', 1)),
    host(
      session('cut', 'interrupted', 2),
      session('late', 'failed', 1),
      session('stopped', 'stopped', 1),
      session('busy', 'working', 0),
    ),
  ];
  expect(recentFailures(hosts, now).map(({ id }) => id)).toEqual(['late', 'cut', 'early']);
});
