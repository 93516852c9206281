import type { HostState } from '../../contract/host-state.ts';
import type { DeviceScope } from '../../contract/identity.ts';
import type { TunnelStatus } from '../../contract/tunnels.ts';
import { approvalView } from './approval-view.ts';
import type { PairedHost } from './host-record.ts';
import { processView } from './process-view.ts';
import { agentView, sessionView, taskView } from './task-view.ts';
import type { HostView, LinkState, TunnelView, WitnessView } from './views.ts';

const ladder: readonly DeviceScope[] = ['view', 'submit', 'approve', 'manage'];

function tunnelView(tunnel: TunnelStatus): TunnelView {
  if (tunnel.state === 'off' || tunnel.state === 'failed') return { state: tunnel.state };
  return {
    state: tunnel.state === 'starting' ? 'opening' : 'open',
    ...('url' in tunnel && { address: tunnel.url }),
    ...(tunnel.closesAt !== null && { closesAt: Date.parse(tunnel.closesAt) }),
  };
}

function doorsOf({ listeners, remote }: HostState): HostView['doors'] {
  const { agents, connections } = remote;
  return {
    bridge: listeners.mcp !== null,
    remote: agents.length > 0 ? { listens: listeners.acp !== null, connections: connections.length } : null,
  };
}

/** What this device may do: as the host says now, until then as it said when they were paired. */
function scopesOf(record: PairedHost, state: HostState): readonly DeviceScope[] {
  const now = state.devices[record.deviceId]?.scope;
  const scope = now === undefined || now === 'own' ? record.scope : now;
  return ladder.slice(0, ladder.indexOf(scope) + 1);
}

/** What is known of a host beside its state. */
export interface HostCondition {
  readonly link: LinkState;
  readonly waiting: number;
  readonly witness: WitnessView;
}

/** Everything the screens show of one host, from its state as it was last heard. */
export function hostView(record: PairedHost, state: HostState, condition: HostCondition): HostView {
  const name = state.host.name || record.name;
  const { hostId } = record;
  const host = { id: hostId, name, deviceId: record.deviceId };
  const of = { hostId, name, workspaces: state.workspaces };
  return {
    id: hostId,
    name,
    ...condition,
    scopes: scopesOf(record, state),
    approvals: Object.values(state.approvals).map((approval) => approvalView(approval, state, host)),
    tasks: Object.values(state.tasks).map((task) => taskView(task, of)),
    sessions: Object.values(state.sessions)
      .filter((session) => session.state !== 'deleted')
      .map((session) => sessionView(session, of)),
    processes: Object.values(state.processes).map(processView),
    tunnel: tunnelView(state.tunnel),
    doors: doorsOf(state),
    bashMode: state.bridge.modes.bash,
    mode: state.host.mode,
    folders: Object.values(state.workspaces).map(({ id, name: folder }) => ({ id, name: folder })),
    agents: Object.values(state.agents).map((agent) => agentView(agent, of)),
  };
}
