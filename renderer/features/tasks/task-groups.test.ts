import { expect, test } from 'vitest';
import type { Task } from '../../../contract/tasks.ts';
import { groupedTasks } from './task-groups.ts';

test('tasks are grouped by what they need, newest first', () => {
  const states = ['queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'interrupted'] as const;
  const tasks = Object.fromEntries(
    states.map((state, i) => [state, { id: state, state, createdAt: `2026-0${i + 1}` } as unknown as Task]),
  );
  const { waiting, working, ended } = groupedTasks(tasks);
  expect([waiting, working, ended].map((group) => group.map(({ id }) => id as string))).toEqual([
    ['waiting'],
    ['running', 'queued'],
    ['interrupted', 'cancelled', 'failed', 'done'],
  ]);
});
