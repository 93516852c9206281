import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Task, TaskDiff } from '../../../contract/tasks.ts';
import { diffText, taskText, textOf } from './task-text.ts';

const at = '2026-01-01T00:00:00.000Z';
const shared = {
  ...{ id: 't1', agent: 'demo', workspaceId: 'w1', mode: 'ask', text: 'do it', submittedBy: 'owner:cli' },
  ...{ createdAt: at, revision: 3, budget: { tokens: 500, minutes: 2 } },
};

test('the text of a task comes from words or from a file, and an empty or broken one is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-text-'));
  const file = join(folder, 'task.md');
  writeFileSync(file, 'from a file\n');
  expect(textOf(['do', 'it'], undefined)).toBe('do it');
  expect(textOf([], file)).toBe('from a file\n');
  expect(() => textOf(['do', 'it'], file)).toThrow('not both');
  expect(() => textOf([], join(folder, 'none'))).toThrow('ENOENT');
  writeFileSync(file, ' \n');
  expect(() => textOf([], file)).toThrow('empty');
  writeFileSync(file, Buffer.from([0xff, 0xfe]));
  expect(() => textOf([], file)).toThrow('not UTF-8');
  writeFileSync(file, 'x'.repeat(65_537));
  expect(() => textOf([], file)).toThrow('longer than 65536');
});

test('a task that ended with an unknown delivery says that it is not sent again', () => {
  const task = Task.parse({
    ...shared,
    state: 'interrupted',
    sessionId: null,
    endedAt: at,
    delivery: 'unknown',
  });
  expect(taskText(task)).toContain('it is not sent again');
  expect(taskText(task)).toContain('(budget: 500 tokens, 2 minutes)');
  const queued = Task.parse({ ...shared, state: 'queued', position: 2, retryOf: 't0' });
  expect(taskText(queued)).toMatch(/in line\s+2/);
  expect(taskText(queued)).toMatch(/retry of\s+t0/);
});

test('a diff says what it leaves out', () => {
  const diff = TaskDiff.parse({
    ...{ taskId: 't1', source: 'git', final: false, takenAt: at, redacted: true, truncated: true, note: '' },
    files: [{ path: 'a\u001b[2Jb', change: 'modified', added: 1, removed: 2 }],
    diff: '--- a\n+++ b\n+\u001b]0;title\u0007\n',
  });
  const text = diffText(diff);
  expect(text).toContain('(+1 -2)');
  expect(text).toContain('(the task still runs; cut; secrets were replaced)');
  expect(text).not.toContain('\u001b');
});
