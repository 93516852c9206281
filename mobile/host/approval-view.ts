import { actionHash } from '../../contract/action.ts';
import type { Action } from '../../contract/action.ts';
import type { Approval } from '../../contract/approvals.ts';
import type { HostState } from '../../contract/host-state.ts';
import type { RiskLevel } from '../../contract/policy.ts';
import { warningsOf } from '../../contract/visible-text.ts';
import type { TextWarning } from '../../contract/visible-text.ts';
import type { ApprovalView, OutcomeView, Risk } from './views.ts';

const risks: Readonly<Record<RiskLevel, Risk>> = {
  0: 'low',
  1: 'low',
  2: 'medium',
  3: 'high',
  4: 'critical',
};

const hashes = new WeakMap<Action, string>();

function computeHash(action: Action): string {
  try {
    return actionHash(action);
  } catch {
    return '';
  }
}

/** The hash of what is shown, or '' for an action that has none (it could not be signed either). Computed once each. */
export function hashOf(action: Action): string {
  const known = hashes.get(action) ?? computeHash(action);
  hashes.set(action, known);
  return known;
}

const warnings = new WeakMap<Action, readonly TextWarning[]>();

/** Computed once for each action, like its hash. */
function warningsIn(action: Action): readonly TextWarning[] {
  const known = warnings.get(action) ?? warningsOf(action);
  warnings.set(action, known);
  return known;
}

function whoIs(principal: string, deviceId: string): OutcomeView['by'] {
  if (principal === `device:${deviceId}`) return 'you';
  if (principal.startsWith('owner:')) return 'owner';
  return principal.startsWith('device:') ? 'otherDevice' : 'host';
}

/** Who asks when no agent does: a device by its name, others by what they are. */
function askerOf({ requester }: Action, devices: HostState['devices']): string {
  const [kind = '', id = ''] = (requester[requester.length - 1] ?? '').split(/:(.*)/s, 2);
  return kind === 'device' ? (devices[id]?.name ?? kind) : kind;
}

function outcomeOf(approval: Approval, deviceId: string): OutcomeView | undefined {
  if (approval.state === 'pending') return undefined;
  return {
    state: approval.state,
    by: 'decidedBy' in approval ? whoIs(approval.decidedBy, deviceId) : null,
    ...('reason' in approval && approval.reason !== '' && { reason: approval.reason }),
    ...('provenBy' in approval && approval.provenBy !== null && { provenBy: approval.provenBy }),
  };
}

function factsOf({ exec, kind, net, paths, tool, writes }: Action) {
  return {
    kind,
    net,
    ...(exec && { argv: exec.argv, folder: exec.cwd, sandbox: exec.sandbox }),
    ...(exec && exec.envNames.length > 0 && { envNames: exec.envNames }),
    ...(paths.length > 0 && writes.length === 0 && { paths }),
    ...(tool && { tool: tool.name }),
  };
}

/** An approval as the phone shows it: facts of the action only, with the hash computed here. */
export function approvalView(
  approval: Approval,
  state: Pick<HostState, 'devices' | 'workspaces'>,
  host: { readonly id: string; readonly name: string; readonly deviceId: string },
): ApprovalView {
  const { action } = approval;
  const workspace = action.workspaceId === null ? undefined : state.workspaces[action.workspaceId];
  const outcome = outcomeOf(approval, host.deviceId);
  const hash = hashOf(action);
  return {
    id: approval.id,
    hostId: host.id,
    hostName: host.name,
    agent: action.agent ?? askerOf(action, state.devices),
    ...(workspace && { workspace: workspace.name }),
    title: approval.title,
    risk: risks[approval.risk],
    why: approval.why,
    ...factsOf(action),
    writes: action.writes.map(({ path, bytes, baseSha256 }) => ({ path, bytes, isNew: baseSha256 === null })),
    warnings: warningsIn(action),
    need: approval.need,
    votes: {
      yes: approval.votes.length,
      yours: approval.votes.some(({ by }) => by === `device:${host.deviceId}`),
    },
    askers: approval.askers,
    mustOpen: approval.mustOpen,
    scopes: approval.scopes,
    actionHash: hash,
    genuine: hash !== '' && hash === approval.actionHash,
    askedAt: Date.parse(approval.createdAt),
    expiresAt: Date.parse(approval.expiresAt),
    ...(outcome && { outcome }),
  };
}
