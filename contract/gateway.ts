import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { DisplayName, Instant, TokenId, WorkspaceId } from './ids.ts';
import { WorkspaceRef } from './workspaces.ts';

export const TokenKind = z.enum(['mcp', 'acp']);
export type TokenKind = z.infer<typeof TokenKind>;
export const TokenScope = z.enum(['read', 'write', 'exec']);
export type TokenScope = z.infer<typeof TokenScope>;

/** What is known about a bearer token. The token itself is shown once and kept only as a hash. */
export const TokenInfo = z.strictObject({
  id: TokenId,
  kind: TokenKind,
  name: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  scope: TokenScope,
  workspaceId: WorkspaceId.nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  /** Only where the host made it and handed it to this agent: it ends with the work, and with the host. */
  agent: z.string().max(63).optional(),
});
export type TokenInfo = z.infer<typeof TokenInfo>;

export const gatewayCommands = {
  'gateway.createToken': command({
    capability: 'own',
    risk: 'high',
    summary: 'Make a bearer token for an MCP or ACP client. It is shown once.',
    input: z.strictObject({
      kind: TokenKind,
      name: DisplayName.default('client'),
      scope: TokenScope.default('read'),
      workspace: WorkspaceRef.optional(),
      expiresAt: Instant.optional(),
    }),
    output: z.strictObject({ info: TokenInfo, token: z.string() }),
  }),
  'gateway.listTokens': command({
    capability: 'own',
    risk: 'none',
    summary: 'The bearer tokens that exist, without the tokens.',
    input: z.strictObject({ kind: TokenKind.optional() }),
    output: z.strictObject({ tokens: z.array(TokenInfo) }),
  }),
  'gateway.revokeToken': command({
    capability: 'own',
    risk: 'medium',
    summary: 'End a token; its open connections close within a second.',
    input: z.strictObject({ tokenId: TokenId }),
    output: Nothing,
  }),
};

export const TokenChanged = z.strictObject({ type: z.literal('token.changed'), token: TokenInfo });
export const TokenRemoved = z.strictObject({ type: z.literal('token.removed'), tokenId: TokenId });
