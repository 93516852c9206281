import { expect, test } from 'vitest';
import type { Task } from '../../../contract/tasks.ts';
import { groupedTasks, noFilter, type TaskFilter } from './task-groups.ts';

test('tasks are grouped by what they need, newest first', () => {
  const states = ['queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'interrupted'] as const;
  const tasks = Object.fromEntries(
    states.map((state, i) => [
      state,
      { id: state, state, text: '', agent: '', createdAt: `2026-0${i + 1}` } as unknown as Task,
    ]),
  );
  const { waiting, working, queued, ended } = groupedTasks(tasks);
  expect([waiting, working, queued, ended].map((group) => group.map(({ id }) => id as string))).toEqual([
    ['waiting'],
    ['running'],
    ['queued'],
    ['interrupted', 'cancelled', 'failed', 'done'],
  ]);
});

test('the queue stands in its own order, and a filter leaves what fits it', () => {
  const task = (id: string, position: number | null, agent: string, text: string) =>
    ({ id, position, agent, text, state: 'queued', createdAt: id, workspaceId: 'w' }) as unknown as Task;
  const tasks = {
    a: task('a', 2, 'codex', 'Mend the door'),
    b: task('b', 1, 'gemini', 'Paint the door'),
    c: task('c', null, 'codex', 'Sweep'),
  };
  const ids = (filter: Partial<TaskFilter>) =>
    groupedTasks(tasks, { ...noFilter, ...filter }).queued.map(({ id }) => id as string);
  expect(ids({})).toEqual(['b', 'a', 'c']);
  expect(ids({ text: 'door  THE' })).toEqual(['b', 'a']);
  expect(ids({ agent: 'codex' })).toEqual(['a', 'c']);
  expect(ids({ workspaceId: 'other' })).toEqual([]);
});
