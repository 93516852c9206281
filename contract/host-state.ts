import * as z from 'zod';
import { Agent, AgentChanged, AgentRemoved } from './agents.ts';
import { Approval, ApprovalChanged, Grant, GrantChanged, GrantRemoved } from './approvals.ts';
import { AuditGrown, AuditStatus } from './audit.ts';
import { BridgeChanged, BridgeStatus, ToolCalled } from './bridge.ts';
import { TokenChanged, TokenInfo, TokenRemoved } from './gateway.ts';
import {
  Alert,
  AlertDismissed,
  AlertRaised,
  HostChanged,
  HostInfo,
  Listeners,
  ListenersChanged,
} from './host.ts';
import { Device, DeviceChanged, DeviceRemoved, Invitation, InvitationChanged } from './identity.ts';
import { Passkey, PasskeyChanged, PasskeyRemoved } from './presence.ts';
import { RemoteChanged, RemoteStatus } from './remote.ts';
import { Session, SessionChanged, SessionRemoved } from './sessions.ts';
import { ManagedProcess, ProcessChanged, ProcessRemoved } from './supervisor.ts';
import { Task, TaskChanged, TaskRemoved } from './tasks.ts';
import { TunnelChanged, TunnelStatus } from './tunnels.ts';
import { Workspace, WorkspaceChanged, WorkspaceRemoved } from './workspaces.ts';

/** Everything that a screen shows at a glance. Logs and transcripts are streams of their own. */
export const HostState = z.strictObject({
  host: HostInfo,
  listeners: Listeners,
  alerts: z.array(Alert),
  processes: z.record(z.string(), ManagedProcess),
  workspaces: z.record(z.string(), Workspace),
  bridge: BridgeStatus,
  tokens: z.record(z.string(), TokenInfo),
  tunnel: TunnelStatus,
  remote: RemoteStatus,
  agents: z.record(z.string(), Agent),
  sessions: z.record(z.string(), Session),
  tasks: z.record(z.string(), Task),
  approvals: z.record(z.string(), Approval),
  grants: z.record(z.string(), Grant),
  devices: z.record(z.string(), Device),
  invitation: Invitation,
  passkeys: z.record(z.string(), Passkey),
  audit: AuditStatus,
});
export type HostState = z.infer<typeof HostState>;

export const HostEvent = z.discriminatedUnion('type', [
  HostChanged,
  ListenersChanged,
  AlertRaised,
  AlertDismissed,
  ProcessChanged,
  ProcessRemoved,
  WorkspaceChanged,
  WorkspaceRemoved,
  BridgeChanged,
  ToolCalled,
  TokenChanged,
  TokenRemoved,
  TunnelChanged,
  RemoteChanged,
  AgentChanged,
  AgentRemoved,
  SessionChanged,
  SessionRemoved,
  TaskChanged,
  TaskRemoved,
  ApprovalChanged,
  GrantChanged,
  GrantRemoved,
  DeviceChanged,
  DeviceRemoved,
  InvitationChanged,
  PasskeyChanged,
  PasskeyRemoved,
  AuditGrown,
]);
export type HostEvent = z.infer<typeof HostEvent>;
