import type { HostEvent, HostState } from '../../contract/host-state.ts';
import { isOwner, type Caller } from './caller.ts';

/** What one caller may see of the state. Default deny: a new event type is hidden until it is named here. */
export interface View {
  state(state: HostState): HostState;
  event(event: HostEvent): HostEvent | null;
}

const ownerView: View = { state: (state) => state, event: (event) => event };
const nothing: View = {
  state: () => {
    throw new Error('this caller has no view');
  },
  event: () => null,
};

const SHARED: ReadonlySet<HostEvent['type']> = new Set<HostEvent['type']>([
  'host.changed',
  'process.changed',
  'process.removed',
  'workspace.changed',
  'workspace.removed',
  'bridge.changed',
  'tunnel.changed',
  'remote.changed',
  'agent.changed',
  'agent.removed',
  'session.changed',
  'session.removed',
  'task.changed',
  'task.removed',
  'approval.changed',
  'grant.changed',
  'grant.removed',
  'audit.grown',
]);

/** A device sees the work and the approvals, and of the identities only itself. Environment values stay at home. */
function deviceView(deviceId: string): View {
  return {
    state: (state) => ({
      ...state,
      listeners: { dashboard: null, mcp: null, acp: null, companion: null, proxy: null },
      alerts: [],
      bridge: { ...state.bridge, recentCalls: [] },
      tokens: {},
      devices: Object.fromEntries(Object.entries(state.devices).filter(([id]) => id === deviceId)),
      invitation: { state: 'none' },
      passkeys: {},
      processes: Object.fromEntries(
        Object.entries(state.processes).map(([name, process]) => [name, withoutEnvironment(process)]),
      ),
    }),
    event: (event) => {
      if (event.type === 'device.changed') return event.device.id === deviceId ? event : null;
      if (event.type === 'process.changed') return { ...event, process: withoutEnvironment(event.process) };
      return SHARED.has(event.type) ? event : null;
    },
  };
}

function withoutEnvironment<P extends HostState['processes'][string]>(process: P): P {
  return { ...process, definition: { ...process.definition, env: {} } };
}

export function viewFor(caller: Caller): View {
  if (isOwner(caller)) return ownerView;
  if (caller.deviceId !== null && caller.capabilities.has('view')) return deviceView(caller.deviceId);
  return nothing;
}
