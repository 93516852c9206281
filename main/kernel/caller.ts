import type { Capability } from '../../contract/command.ts';
import type { DeviceId, WorkspaceId } from '../../contract/ids.ts';
import type { DeviceScope } from '../../contract/identity.ts';
import type { Origin } from '../../contract/policy.ts';

/** Who speaks, on which carrier, and what that lets them do. Made by a carrier, never by a client. */
export interface Caller {
  /** `owner:desktop`, `owner:cli`, `owner:browser`, `device:ID`, `mcp:TOKEN`. */
  readonly principal: string;
  readonly origin: Origin;
  readonly capabilities: ReadonlySet<Capability>;
  readonly deviceId: DeviceId | null;
  /** A client that is pinned to one workspace never learns of another. */
  readonly workspaceId: WorkspaceId | null;
}

const BY_SCOPE: Record<DeviceScope, readonly Capability[]> = {
  view: ['view'],
  submit: ['view', 'submit'],
  approve: ['view', 'submit', 'approve'],
  manage: ['view', 'submit', 'approve', 'manage'],
};

const EVERYTHING: readonly Capability[] = [
  'view',
  'submit',
  'approve',
  'manage',
  'own',
  'tool-read',
  'tool-write',
  'tool-exec',
];

/** The person at this machine: the desktop window, the command line, or a browser that was admitted. */
export function ownerCaller(via: 'desktop' | 'cli' | 'browser'): Caller {
  return {
    principal: `owner:${via}`,
    origin: via === 'cli' ? 'cli' : 'desktop',
    capabilities: new Set(EVERYTHING),
    deviceId: null,
    workspaceId: null,
  };
}

export function deviceCaller(deviceId: DeviceId, scope: DeviceScope): Caller {
  return {
    principal: `device:${deviceId}`,
    origin: 'phone',
    capabilities: new Set(BY_SCOPE[scope]),
    deviceId,
    workspaceId: null,
  };
}

const TOOL_SCOPES = {
  read: ['tool-read'],
  write: ['tool-read', 'tool-write'],
  exec: ['tool-read', 'tool-write', 'tool-exec'],
} as const;

export function mcpCaller(
  tokenId: string,
  scope: keyof typeof TOOL_SCOPES,
  workspaceId: WorkspaceId | null,
): Caller {
  return {
    principal: `mcp:${tokenId}`,
    origin: 'mcp',
    capabilities: new Set<Capability>(TOOL_SCOPES[scope]),
    deviceId: null,
    workspaceId,
  };
}

export function isOwner(caller: Caller): boolean {
  return caller.capabilities.has('own');
}
