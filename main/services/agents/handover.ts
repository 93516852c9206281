import type { TokenScope } from '../../../contract/gateway.ts';
import type { WorkspaceId } from '../../../contract/ids.ts';
import type { BridgeAccess } from './ports.ts';

/** The MCP bridge as one agent gets it, for one piece of work in one workspace. */
export interface HandedBridge {
  readonly url: string;
  /** A bearer token; it opens this workspace alone. */
  readonly token: string;
  /** Ends the token and what is open under it. May be called more than once. */
  release(): void;
}

export interface HandoverRequest {
  readonly agent: string;
  readonly workspaceId: WorkspaceId;
  /** The work that it is for, as the list of tokens shows it: `task ID`. */
  readonly label: string;
  readonly scope: TokenScope;
}

const MAX_NAME = 64;

/**
 * Hands the bridge to an agent with a token of its own; null where the owner has not said so, or while the bridge does
 * not listen.
 */
export function handOver(
  access: BridgeAccess,
  isWanted: (agent: string) => boolean,
  { agent, workspaceId, label, scope }: HandoverRequest,
): HandedBridge | null {
  const url = access.url();
  if (url === null || !isWanted(agent)) return null;
  const name = [...`agent ${agent}, ${label}`].slice(0, MAX_NAME).join('');
  const { id, token } = access.hand({ agent, name, scope, workspaceId });
  let held = true;
  return {
    url,
    token,
    release() {
      if (held) access.take(id);
      held = false;
    },
  };
}
