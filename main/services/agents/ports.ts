import type { TokenScope } from '../../../contract/gateway.ts';
import type { TokenId, WorkspaceId } from '../../../contract/ids.ts';
import type { Caller } from '../../kernel/caller.ts';

/** The MCP bridge as agents are handed it. */
export interface BridgeAccess {
  /** Where it answers; null while it does not listen. */
  url(): string | null;
  /** Makes a token that lives in memory only and is shown in the list of tokens with this name. */
  hand(facts: { agent: string; name: string; scope: TokenScope; workspaceId: WorkspaceId }): {
    id: TokenId;
    token: string;
  };
  /** Makes a token that stays until it is revoked. @throws HostError for a workspace that is not there */
  make(
    facts: { name: string; scope: TokenScope; workspace: string | undefined },
    caller: Caller,
  ): Promise<{ id: TokenId; token: string }>;
  /** Ends a token with all that is open under it. Ending it twice is no error. */
  take(id: TokenId): void;
}
