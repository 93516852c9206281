import { Task, TaskDiff } from '../../../contract/tasks.ts';
import type { TaskId } from '../../../contract/ids.ts';
import { text, type Database } from '../../kernel/database.ts';
import { nextTask, type TaskEvent } from './task-machine.ts';

export interface TaskStore {
  get(id: TaskId): Task | null;
  /** What was submitted under a key before, with the hash of that request. */
  byKey(key: string): { task: Task; requestSha256: string } | null;
  insert(task: Task, key: string, requestSha256: string): void;
  /** Newest first. */
  list(limit: number): Task[];
  /** Oldest first. */
  queued(): Task[];
  /** Tasks that were being worked on. */
  ongoing(): Task[];
  /** Moves a task on; null when its state does not know the event, or it is gone. */
  advance(id: TaskId, event: TaskEvent, at: string): Task | null;
  remove(id: TaskId): void;
  keepDiff(diff: TaskDiff): void;
  diff(id: TaskId): TaskDiff | null;
}

export function createTaskStore(db: Database): TaskStore {
  const read = (body: string) => Task.parse(JSON.parse(body));
  const select = (sql: string, ...values: (string | number)[]) =>
    db.all(sql, ...values).map((row) => read(text(row, 'body')));

  return {
    get(id) {
      const row = db.get('SELECT body FROM tasks WHERE id = ?', id);
      return row ? read(text(row, 'body')) : null;
    },
    byKey(key) {
      const row = db.get('SELECT body, request_sha256 FROM tasks WHERE idempotency = ?', key);
      return row ? { task: read(text(row, 'body')), requestSha256: text(row, 'request_sha256') } : null;
    },
    insert: (task, key, requestSha256) =>
      void db.run(
        'INSERT INTO tasks (id, state, idempotency, request_sha256, created_at, body) VALUES (?, ?, ?, ?, ?, ?)',
        task.id,
        task.state,
        key,
        requestSha256,
        task.createdAt,
        JSON.stringify(task),
      ),
    list: (limit) => select('SELECT body FROM tasks ORDER BY created_at DESC, rowid DESC LIMIT ?', limit),
    queued: () => select("SELECT body FROM tasks WHERE state = 'queued' ORDER BY rowid"),
    ongoing: () => select("SELECT body FROM tasks WHERE state IN ('running', 'waiting') ORDER BY rowid"),
    advance(id, event, at) {
      const row = db.get('SELECT body FROM tasks WHERE id = ?', id);
      if (!row) return null;
      const before = text(row, 'body');
      const next = nextTask(read(before), event, at);
      if (!next) return null;
      // Only over what was read: whoever else has moved it on in between wins.
      const changed = db.run(
        'UPDATE tasks SET state = ?, body = ? WHERE id = ? AND body = ?',
        next.state,
        JSON.stringify(next),
        id,
        before,
      );
      return changed === 1 ? next : null;
    },
    remove(id) {
      db.run('DELETE FROM task_diffs WHERE task_id = ?', id);
      db.run('DELETE FROM tasks WHERE id = ?', id);
    },
    keepDiff: (diff) =>
      void db.run(
        'INSERT OR REPLACE INTO task_diffs (task_id, body) VALUES (?, ?)',
        diff.taskId,
        JSON.stringify(diff),
      ),
    diff(id) {
      const row = db.get('SELECT body FROM task_diffs WHERE task_id = ?', id);
      return row ? TaskDiff.parse(JSON.parse(text(row, 'body'))) : null;
    },
  };
}
