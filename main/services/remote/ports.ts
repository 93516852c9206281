import type { Agent } from '../../../contract/agents.ts';
import type { WorkspaceId } from '../../../contract/ids.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import type { PermissionRequest } from '../../kernel/approver.ts';

export interface AgentLauncher {
  list(): Promise<Agent[]>;
  launch(name: string, options: { cwd: string; label: string }): Promise<AgentProcess>;
}

export interface WorkspaceFolder {
  readonly id: WorkspaceId;
  /** Without links. */
  readonly path: string;
}

export interface Folders {
  workspaces(): readonly WorkspaceFolder[];
}

/** The policy alone. */
export interface RemoteRules {
  /** Why it denies this whoever would be asked; null when it does not. Nobody is asked, a refusal is on record. */
  forbids(request: PermissionRequest): Promise<string | null>;
}

/** What the owner has set; asked anew each time. */
export interface RemoteLimits {
  readonly connections: number;
  readonly connectionsEach: number;
  readonly idleMinutes: number;
}
