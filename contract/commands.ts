import type * as z from 'zod';
import { agentCommands } from './agents.ts';
import { approvalCommands } from './approvals.ts';
import { auditCommands } from './audit.ts';
import { bridgeCommands } from './bridge.ts';
import { figureCommands } from './figures.ts';
import { gatewayCommands } from './gateway.ts';
import { handoffCommands } from './handoff.ts';
import { hostCommands } from './host.ts';
import { identityCommands } from './identity.ts';
import { predefinedCommands } from './predefined.ts';
import { presenceCommands } from './presence.ts';
import { remoteCommands } from './remote.ts';
import { secretCommands } from './secrets.ts';
import { sessionCommands } from './sessions.ts';
import { processLogCommands } from './process-logs.ts';
import { supervisorCommands } from './supervisor.ts';
import { taskCommands } from './tasks.ts';
import { tunnelCommands } from './tunnels.ts';
import { workspaceCommands } from './workspaces.ts';

/** The whole command surface. Preload, gateway, command line, dashboard and phone are all derived from it. */
export const commands = {
  ...hostCommands,
  ...supervisorCommands,
  ...figureCommands,
  ...processLogCommands,
  ...workspaceCommands,
  ...bridgeCommands,
  ...gatewayCommands,
  ...tunnelCommands,
  ...remoteCommands,
  ...agentCommands,
  ...sessionCommands,
  ...taskCommands,
  ...predefinedCommands,
  ...handoffCommands,
  ...approvalCommands,
  ...identityCommands,
  ...presenceCommands,
  ...secretCommands,
  ...auditCommands,
};

export type CommandName = keyof typeof commands;
export type InputOf<N extends CommandName> = z.input<(typeof commands)[N]['input']>;
export type ParsedInputOf<N extends CommandName> = z.output<(typeof commands)[N]['input']>;
export type OutputOf<N extends CommandName> = z.output<(typeof commands)[N]['output']>;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
