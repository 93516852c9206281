import * as z from 'zod';
import { AgentName } from './agents.ts';
import { command, Nothing } from './command.ts';
import { Instant } from './ids.ts';

export const RemoteConnection = z.strictObject({
  id: z.string(),
  agent: AgentName,
  client: z.string(),
  connectedAt: Instant,
  transport: z.enum(['websocket', 'http']),
  /** Messages and bytes from the client (in) and to it (out). */
  framesIn: z.int().nonnegative(),
  framesOut: z.int().nonnegative(),
  bytesIn: z.int().nonnegative(),
  bytesOut: z.int().nonnegative(),
  /** Median time in which the agent answered, prompts left out; null before the first answer. */
  latencyMs: z.number().nonnegative().nullable(),
});
export type RemoteConnection = z.infer<typeof RemoteConnection>;

/**
 * Who answers the agents' requests for leave. `host`: the policy and the approvals of this host. `first`: these or the
 * client, whoever is first. `client`: the client alone. What the policy denies is denied in each.
 */
export const RemotePermissions = z.enum(['host', 'first', 'client']);
export type RemotePermissions = z.infer<typeof RemotePermissions>;

/** The ACP remote: which agents are served at /acp/NAME, and who is connected. */
export const RemoteStatus = z.strictObject({
  agents: z.array(AgentName),
  /** Set in the configuration file alone. */
  permissions: RemotePermissions.default('host'),
  connections: z.array(RemoteConnection),
});
export type RemoteStatus = z.infer<typeof RemoteStatus>;

export const remoteCommands = {
  'remote.serve': command({
    capability: 'own',
    risk: 'high',
    summary: 'Serve these agents over ACP at /acp/NAME; the first is also at /acp.',
    input: z.strictObject({ agents: z.array(AgentName).min(1).max(32) }),
    output: RemoteStatus,
  }),
  'remote.stop': command({
    capability: 'approve',
    risk: 'low',
    summary: 'Serve no agent over ACP; open connections are closed.',
    input: Nothing,
    output: RemoteStatus,
  }),
  'remote.closeConnection': command({
    capability: 'approve',
    risk: 'low',
    summary: 'Close one connection of the ACP remote; its agent is ended.',
    input: z.strictObject({ connectionId: z.string().min(1).max(128) }),
    output: RemoteStatus,
  }),
};

export const RemoteChanged = z.strictObject({ type: z.literal('remote.changed'), remote: RemoteStatus });
