import type { Agent } from '../../../contract/agents.ts';
import type { TokenScope } from '../../../contract/gateway.ts';
import type { SessionId, TaskId, WorkspaceId } from '../../../contract/ids.ts';
import type { Session, TimelineEntry } from '../../../contract/sessions.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import type { Root } from '../../guard/path-guard.ts';

/** The MCP bridge as one agent gets it, with a token that opens one workspace. */
export interface HandedBridge {
  readonly url: string;
  readonly token: string;
  /** Ends the token. May be called more than once. */
  release(): void;
}

export interface AgentLauncher {
  list(): Promise<Agent[]>;
  launch(name: string, options: { cwd: string; label: string }): Promise<AgentProcess>;
  /** Null where the owner has not said that this agent gets the bridge. */
  bridgeFor(request: {
    agent: string;
    workspaceId: WorkspaceId;
    label: string;
    scope: TokenScope;
  }): HandedBridge | null;
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
    startedBy: string;
    report: AgentReport;
  }): Promise<Session>;
  /** What is needed to go on with one. @throws HostError `not_found`, `refused` */
  sessionFor(sessionId: SessionId): Promise<{ session: Session; cwd: string }>;
  /** @throws HostError `conflict` while it is open */
  reopen(sessionId: SessionId, by: { taskId: TaskId }): Promise<Session>;
  report(sessionId: SessionId, report: AgentReport): void;
  append(sessionId: SessionId, entry: NewTimelineEntry): void;
  flush(sessionId: SessionId): void;
  end(sessionId: SessionId): void;
}

export interface Workspaces {
  /** @throws HostError `not_found` */
  resolve(ref: string): Workspace | Promise<Workspace>;
  byId(id: WorkspaceId): Workspace | null;
}

export interface TaskRoots {
  open(absolutePath: string): Root;
}

/** Redacts a stream piece by piece. */
export interface Redactor {
  push(chunk: string | Uint8Array): string;
  end(): string;
}

/** Settings that the configuration file holds; read anew each time. */
export interface TaskSettings {
  readonly atOnce: number;
  readonly perAgent: number;
  /** Agents with a number of their own. */
  readonly agents: Readonly<Record<string, number>>;
  readonly idleMinutes: number;
  readonly maxMinutes: number;
}

export interface ConfiguredAction {
  readonly name: string;
  readonly argv: readonly string[];
  readonly workspace: string;
  /** Relative to the workspace. */
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly risk: 'low' | 'medium' | 'high';
}

export interface ConfiguredLogSource {
  readonly name: string;
  /** With a workspace: relative to it. Without: an absolute path that the owner has written down. */
  readonly path: string;
  readonly workspace?: string | undefined;
}

export interface Predefined {
  actions(): readonly ConfiguredAction[];
  logSources(): readonly ConfiguredLogSource[];
}
