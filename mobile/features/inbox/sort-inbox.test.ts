import type { HostView, SessionView } from '../../host/views.ts';
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

function host(...sessions: SessionView[]): HostView {
  return {
    id: 'h',
    name: 'studio',
    link: { kind: 'online' },
    scopes: ['view'],
    approvals: [],
    sessions,
    processes: [],
    tunnel: { state: 'off' },
    bashMode: 'off',
    paused: false,
    folders: [],
    agents: [],
  };
}

test('the inbox names the tasks that failed in the last day, the newest first, and no other', () => {
  const hosts = [
    host(session('old', 'failed', 25), session('early', 'failed', 5), session('fine', 'done', 1)),
    host(session('late', 'failed', 1), session('stopped', 'stopped', 1), session('busy', 'working', 0)),
  ];
  expect(recentFailures(hosts, now).map(({ id }) => id)).toEqual(['late', 'early']);
});
