import { Task } from '../../../contract/tasks.ts';
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
}

export function createTaskStore(db: Database): TaskStore {
  const read = (body: string) => Task.parse(JSON.parse(body));
  const get = (id: TaskId): Task | null => {
    const row = db.get('SELECT body FROM tasks WHERE id = ?', id);
    return row ? read(text(row, 'body')) : null;
  };
  const select = (sql: string, ...values: (string | number)[]) =>
    db.all(sql, ...values).map((row) => read(text(row, 'body')));

  return {
    get,
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
      const task = get(id);
      const next = task && nextTask(task, event, at);
      if (!task || !next) return null;
      const changed = db.run(
        'UPDATE tasks SET state = ?, body = ? WHERE id = ? AND state = ?',
        next.state,
        JSON.stringify(next),
        id,
        task.state,
      );
      return changed === 1 ? next : null;
    },
    remove: (id) => void db.run('DELETE FROM tasks WHERE id = ?', id),
  };
}
