import type { Agent } from '../../../contract/agents.ts';
import type { TaskId, WorkspaceId } from '../../../contract/ids.ts';
import type { Task, TaskDiff, TaskMode } from '../../../contract/tasks.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { Caller } from '../../kernel/caller.ts';

/** Tasks as a handoff needs them: what runs an agent is theirs, with its approvals, limits and timeline. */
export interface TaskDesk {
  /** @throws HostError `not_found`, `unavailable`, `too_many` */
  submit(
    wish: {
      agent: string;
      workspace: WorkspaceId;
      mode: TaskMode;
      text: string;
      budget: { minutes?: number };
      idempotencyKey: string;
    },
    caller: Caller,
  ): Promise<Task>;
  get(taskId: TaskId): Promise<Task>;
  diff(taskId: TaskId): Promise<TaskDiff>;
  /** @throws HostError `conflict` when it has ended */
  cancel(taskId: TaskId, caller: Caller): Promise<Task>;
  /** Cancels one that still waits for its turn; any other is left to itself. */
  withdraw(taskId: TaskId): Promise<void>;
}

export interface AgentList {
  list(): Promise<Agent[]>;
}

export interface Workspaces {
  /** @throws HostError `not_found` */
  resolve(ref: string, caller: Caller): Workspace;
  byId(id: WorkspaceId): Workspace | null;
}

export interface HandoffRoots {
  open(absolutePath: string): Root;
}

/** Redacts a stream piece by piece. */
export interface Redactor {
  push(chunk: string | Uint8Array): string;
  end(): string;
}
