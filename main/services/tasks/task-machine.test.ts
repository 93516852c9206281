import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionId, TaskId, WorkspaceId } from '../../../contract/ids.ts';
import { Task } from '../../../contract/tasks.ts';
import { openDatabase } from '../../kernel/database.ts';
import { accepts, hasEnded, nextTask, type TaskEvent } from './task-machine.ts';
import { createTaskStore } from './task-store.ts';

const at = '2026-01-01T00:00:00.000Z';
const queued: Task = Task.parse({
  id: TaskId.parse('t1'),
  agent: 'demo',
  workspaceId: WorkspaceId.parse('w1'),
  mode: 'ask',
  text: 'do it',
  submittedBy: 'owner:cli',
  createdAt: at,
  revision: 0,
  state: 'queued',
});

const lease = { ownerEpoch: 'e1', heartbeatAt: at, expiresAt: at };
const approval = fc.constantFrom('a1', 'a2', 'a3');
const event: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.constant<TaskEvent>({ kind: 'start', lease }),
  fc.nat(9).map((position): TaskEvent => ({ kind: 'place', position: position + 1 })),
  fc
    .constantFrom('delivered' as const, 'accepted' as const, 'running' as const)
    .map((delivery): TaskEvent => ({ kind: 'progress', delivery })),
  fc.constant<TaskEvent>({ kind: 'open', sessionId: SessionId.parse('s1') }),
  approval.map((approvalId): TaskEvent => ({ kind: 'ask', approvalId })),
  approval.map((approvalId): TaskEvent => ({ kind: 'answer', approvalId })),
  fc.record({
    kind: fc.constant('finish' as const),
    stopReason: fc.constantFrom('end_turn', 'refusal'),
    changedFiles: fc.array(fc.string(), { maxLength: 3 }),
    summary: fc.string({ maxLength: 5000, size: 'max' }),
  }),
  fc
    .string({ maxLength: 5000, size: 'max' })
    .map((reason): TaskEvent => ({ kind: 'fail', cause: 'agent', reason })),
  fc.constant<TaskEvent>({ kind: 'cancel' }),
  fc.constant<TaskEvent>({ kind: 'interrupt' }),
);

/** The rules in other words: what a reader of the contract would expect. */
function expectedState(
  state: Task['state'],
  waitingFor: Set<string>,
  happened: TaskEvent,
): Task['state'] | null {
  if (!['queued', 'running', 'waiting'].includes(state)) return null;
  if (happened.kind === 'cancel') return 'cancelled';
  if (happened.kind === 'fail') return 'failed';
  if (state === 'queued') {
    if (happened.kind === 'place') return 'queued';
    return happened.kind === 'start' ? 'running' : null;
  }
  if (happened.kind === 'start' || happened.kind === 'place') return null;
  if (happened.kind === 'finish') return 'done';
  if (happened.kind === 'interrupt') return 'interrupted';
  if (happened.kind === 'ask') waitingFor.add(happened.approvalId);
  if (happened.kind === 'answer') waitingFor.delete(happened.approvalId);
  return waitingFor.size > 0 ? 'waiting' : 'running';
}

test('any order of events moves a task only forward, one revision at a time, and ends for good', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let task: Task = queued;
      const waitingFor = new Set<string>();
      for (const happened of events) {
        const expected = expectedState(task.state, waitingFor, happened);
        const next = nextTask(task, happened, at);
        expect(next?.state ?? null).toBe(expected);
        if (!next) continue;
        expect(next.revision).toBe(task.revision + 1);
        expect(hasEnded(task)).toBe(false);
        expect(Task.safeParse(next).success).toBe(true);
        expect(next.state === 'waiting' ? new Set(next.approvals) : new Set()).toEqual(
          next.state === 'waiting' ? waitingFor : new Set(),
        );
        task = next;
      }
    }),
    { numRuns: 300 },
  );
});

test('what has ended accepts nothing', () => {
  for (const state of ['done', 'failed', 'cancelled', 'interrupted'] as const)
    expect(accepts[state]).toEqual([]);
});

test('the store keeps what the machine says and refuses the rest', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 15 }), (events) => {
      const db = openDatabase(':memory:');
      const store = createTaskStore(db);
      store.insert(queued, 'key', 'a'.repeat(64));
      let task: Task = queued;
      for (const happened of events) {
        const next = nextTask(task, happened, at);
        expect(store.advance(task.id, happened, at)).toEqual(next);
        task = next ?? task;
        expect(store.get(task.id)).toEqual(task);
      }
      db.close();
    }),
    { numRuns: 30 },
  );
});
