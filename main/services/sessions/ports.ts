import type { SessionId, WorkspaceId } from '../../../contract/ids.ts';
import type { OwnStore } from '../../../contract/sessions.ts';
import type { Workspace } from '../../../contract/workspaces.ts';

/** Sessions that an agent holds open now. Each answers false when the session is not one of them. */
export interface LiveSessions {
  setMode(sessionId: SessionId, modeId: string): Promise<boolean>;
  setOption(sessionId: SessionId, optionId: string, value: string | boolean): Promise<boolean>;
  /** Ends the turn that runs; the session stays open. */
  cancel(sessionId: SessionId): Promise<boolean>;
  close(sessionId: SessionId): Promise<boolean>;
}

export interface SessionWorkspaces {
  all(): readonly Workspace[];
  byId(id: WorkspaceId): Workspace | null;
  /** By id, name or path. @throws HostError `not_found` */
  resolve(ref: string): Workspace;
}

/** Which of the agents' own stores the owner lets this host read. */
export interface OwnStoreChoice {
  get(): readonly OwnStore[];
  set(stores: readonly OwnStore[]): void;
}
