import type { CommandSpec } from '../contract/command.ts';
import type { CommandName } from '../contract/commands.ts';
import { HostError } from '../contract/errors.ts';
import type { HostMode } from '../contract/host.ts';
import type { Caller } from './kernel/caller.ts';

/** What makes a locked-down host safer still, or opens it again; everything else waits for the owner. */
const DURING_LOCK_DOWN: ReadonlySet<CommandName> = new Set<CommandName>([
  'host.resume',
  'host.pause',
  'host.lockDown',
  'host.dismissAlert',
  'supervisor.stop',
  'supervisor.stopAll',
  'tunnels.close',
  'remote.stop',
  'tasks.cancel',
  'handoff.stop',
  'gateway.revokeToken',
  'identity.revokeDevice',
  'identity.refuseDevice',
  'identity.cancelInvitation',
  'approvals.revokeGrant',
  'audit.export',
]);

/** Whether the mode of the host lets a command through. Pure: the router asks before it runs anything. */
export function admit(mode: HostMode, caller: Caller, name: CommandName, spec: CommandSpec): void {
  const reads = spec.risk === 'none';
  if (mode === 'locked-down' && (caller.origin === 'mcp' || (!reads && !DURING_LOCK_DOWN.has(name)))) {
    throw new HostError(
      'locked_down',
      'the host is locked down; the owner opens it again with: signalbox resume',
    );
  }
  if (mode === 'paused' && caller.origin === 'mcp' && !reads) {
    throw new HostError('paused', 'agents are paused; the owner lets them go on with: signalbox resume');
  }
}
