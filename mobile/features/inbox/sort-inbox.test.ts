import type { TaskView } from '../../host/task-views.ts';
import type { HostView } from '../../host/views.ts';
import { host as sample, task as sampleTask } from '../sample-views.ts';
import { recentFailures } from './sort-inbox.ts';

const HOUR = 3_600_000;
const now = 100 * HOUR;

function task(id: string, status: TaskView['status'], hoursAgo: number): TaskView {
  return { ...sampleTask, id, status, changedAt: now - hoursAgo * HOUR };
}

const host = (...tasks: TaskView[]): HostView => ({ ...sample, tasks });

test('the inbox names the tasks that failed or were cut short in the last day, the newest first, and no other', () => {
  const hosts = [
    host(task('old', 'failed', 25), task('early', 'failed', 5), task('fine', 'done', 1)),
    host(
      task('cut', 'interrupted', 2),
      task('late', 'failed', 1),
      task('stopped', 'stopped', 1),
      task('busy', 'working', 0),
    ),
  ];
  expect(recentFailures(hosts, now).map(({ id }) => id)).toEqual(['late', 'cut', 'early']);
});
