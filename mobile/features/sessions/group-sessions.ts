import type { HostView, SessionStatus, SessionView } from '../../host/views.ts';

export type SessionGroup = 'waiting' | 'working' | 'done';

export type SessionLine =
  | { readonly kind: 'heading'; readonly group: SessionGroup; readonly count: number }
  | { readonly kind: 'session'; readonly session: SessionView };

const groupOf: Readonly<Record<SessionStatus, SessionGroup>> = {
  waiting: 'waiting',
  working: 'working',
  done: 'done',
  failed: 'done',
  interrupted: 'done',
  stopped: 'done',
};

/** Sessions of all hosts as lines of one list: waiting for the person, working, done; the latest change first. */
export function groupSessions(hosts: readonly HostView[]): SessionLine[] {
  const sessions = hosts.flatMap((host) => host.sessions).sort((a, b) => b.changedAt - a.changedAt);
  const groups: SessionGroup[] = ['waiting', 'working', 'done'];
  return groups.flatMap((group): SessionLine[] => {
    const members = sessions.filter((session) => groupOf[session.status] === group);
    if (members.length === 0) return [];
    const lines = members.map((session): SessionLine => ({ kind: 'session', session }));
    return [{ kind: 'heading', group, count: members.length }, ...lines];
  });
}
