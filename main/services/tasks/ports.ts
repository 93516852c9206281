import type { Readable, Writable } from 'node:stream';
import type { Agent } from '../../../contract/agents.ts';
import type { SessionId, TaskId, WorkspaceId } from '../../../contract/ids.ts';
import type { Session, TimelineEntry } from '../../../contract/sessions.ts';
import type { Workspace } from '../../../contract/workspaces.ts';

export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running agent, alone in its process group. */
export interface AgentProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<AgentExit>;
  /** Ends the whole group; resolves when none of it is left. */
  stop(): Promise<AgentExit>;
}

export interface AgentLauncher {
  list(): Promise<Agent[]>;
  launch(name: string, options: { cwd: string; label: string }): Promise<AgentProcess>;
}

type WithoutPlace<T> = T extends unknown ? Omit<T, 'seq' | 'at'> : never;
export type NewTimelineEntry = WithoutPlace<TimelineEntry>;

/** Where the conversation is written down. */
export interface SessionBook {
  open(session: {
    agent: string;
    agentSessionId: string;
    workspaceId: WorkspaceId;
    taskId: TaskId;
    title: string;
  }): Promise<Session>;
  append(sessionId: SessionId, entry: NewTimelineEntry): void;
  flush(sessionId: SessionId): void;
  end(sessionId: SessionId): void;
}

export interface Workspaces {
  /** @throws HostError `not_found` */
  resolve(ref: string): Workspace | Promise<Workspace>;
  byId(id: WorkspaceId): Workspace | null;
}

/** The files of one workspace behind the path guard. All paths are relative to it. */
export interface WorkspaceFiles {
  readonly path: string;
  readFile(path: string, options?: { maxBytes?: number }): Promise<{ bytes: Uint8Array; sha256: string }>;
  writeFile(
    path: string,
    bytes: Uint8Array,
    options: { expectedSha256: string | null },
  ): Promise<{ sha256: string }>;
  makeDirectory(path: string): Promise<unknown>;
  /** The path in its one form; throws HostError when it may not be touched. */
  check(path: string): string;
  close(): void;
}

export interface Roots {
  open(absolutePath: string): WorkspaceFiles;
}
