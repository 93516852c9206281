import { sortInbox } from './inbox/sort-inbox.ts';
import { approval, host as sample, task } from './sample-views.ts';
import { groupTasks } from './tasks/group-tasks.ts';
import type { TaskStatus } from '../host/task-views.ts';
import type { ApprovalView, HostView, Risk } from '../host/views.ts';

const ask = (id: string, risk: Risk, askedAt: number, expiresAt = 1000): ApprovalView => ({
  ...approval,
  ...{ id, risk, askedAt, expiresAt },
});

const host = (approvals: ApprovalView[], statuses: TaskStatus[] = []): HostView => ({
  ...sample,
  approvals,
  tasks: statuses.map((status, index) => ({
    ...task,
    ...{
      id: `${status}-${String(index)}`,
      status,
      changedAt: index,
      position: status === 'queued' ? 9 - index : null,
    },
  })),
});

test('the inbox puts the riskiest first, then the one that waits longest, and drops what ran out', () => {
  const first = host([ask('low', 'low', 1), ask('late', 'critical', 9), ask('gone', 'critical', 1, 50)]);
  const second = host([ask('early', 'critical', 2), ask('mid', 'medium', 0)]);
  expect(sortInbox([first, second], 50).map((item) => item.id)).toEqual(['early', 'late', 'mid', 'low']);
});

test('what was answered does not wait any more', () => {
  const answered: ApprovalView = { ...ask('done', 'low', 1), outcome: { state: 'approved', by: 'owner' } };
  expect(sortInbox([host([answered])], 50)).toEqual([]);
});

test('tasks are grouped by what they need, the latest change first, those that wait by their place', () => {
  const statuses: TaskStatus[] = ['done', 'waiting', 'failed', 'working', 'waiting', 'queued', 'queued'];
  const lines = groupTasks([host([], statuses)]);
  expect(
    lines.map((line) => (line.kind === 'heading' ? `${line.group} ${String(line.count)}` : line.task.id)),
  ).toEqual([
    ...['waiting 2', 'waiting-4', 'waiting-1', 'working 1', 'working-3', 'queued 2', 'queued-6', 'queued-5'],
    ...['done 2', 'failed-2', 'done-0'],
  ]);
});
