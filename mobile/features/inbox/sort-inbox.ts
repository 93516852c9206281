import type { TaskStatus, TaskView } from '../../host/task-views.ts';
import type { ApprovalView, HostView, Risk } from '../../host/views.ts';

const weight: Readonly<Record<Risk, number>> = { critical: 3, high: 2, medium: 1, low: 0 };

/** What waits on all hosts and has not run out at `now`: the riskiest first, then the one that has waited longest. */
export function sortInbox(hosts: readonly HostView[], now: number): ApprovalView[] {
  return hosts
    .flatMap((host) => host.approvals)
    .filter((approval) => !approval.outcome && approval.expiresAt > now)
    .sort((a, b) => weight[b.risk] - weight[a.risk] || a.askedAt - b.askedAt || a.id.localeCompare(b.id));
}

/** How many tasks are worked on right now on hosts that are online. */
export function countWorking(hosts: readonly HostView[]): number {
  return hosts
    .filter((host) => host.link.kind === 'online')
    .flatMap((host) => host.tasks)
    .filter((task) => task.status === 'working').length;
}

const hasFailed = (status: TaskStatus): boolean => status === 'failed' || status === 'interrupted';
const SHOWN_MS = 24 * 3_600_000;

/** Tasks that failed or were cut short in the last day, the newest first: they need a look, and nobody else says so. */
export function recentFailures(hosts: readonly HostView[], now: number): TaskView[] {
  return hosts
    .flatMap((host) => host.tasks)
    .filter(({ changedAt, status }) => hasFailed(status) && now - changedAt < SHOWN_MS)
    .sort((a, b) => b.changedAt - a.changedAt || a.id.localeCompare(b.id));
}
