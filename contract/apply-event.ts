import type { HostEvent, HostState } from './host-state.ts';

const RECENT_CALLS = 50;
const RECENT_ALERTS = 20;
const RECENT_ENDED = 100;

export const emptyHostState: HostState = {
  host: {
    id: '',
    name: '',
    version: '',
    platform: '',
    kind: 'headless',
    pid: 0,
    startedAt: '1970-01-01T00:00:00.000Z',
    mode: 'running',
  },
  listeners: { dashboard: null, mcp: null, acp: null, companion: null, proxy: null },
  alerts: [],
  processes: {},
  workspaces: {},
  bridge: { modes: { tools: 'standard', write: 'off', bash: 'off' }, recentCalls: [] },
  tokens: {},
  tunnel: { state: 'off' },
  remote: { agents: [], connections: [] },
  agents: {},
  sessions: {},
  tasks: {},
  approvals: {},
  grants: {},
  devices: {},
  invitation: { state: 'none' },
  audit: { records: 0, state: 'ok', checkpointAt: null },
};

/** The one reducer. Main, dashboard and phone run this same function, so they cannot disagree. */
export function applyEvent(state: HostState, event: HostEvent): HostState {
  switch (event.type) {
    case 'host.changed':
      return { ...state, host: event.host };
    case 'listeners.changed':
      return { ...state, listeners: event.listeners };
    case 'alert.raised':
      return { ...state, alerts: [event.alert, ...state.alerts].slice(0, RECENT_ALERTS) };
    case 'alert.dismissed':
      return { ...state, alerts: state.alerts.filter((alert) => alert.id !== event.alertId) };
    case 'process.changed':
      return { ...state, processes: put(state.processes, event.process.name, event.process) };
    case 'process.removed':
      return { ...state, processes: without(state.processes, event.name) };
    case 'workspace.changed':
      return { ...state, workspaces: put(state.workspaces, event.workspace.id, event.workspace) };
    case 'workspace.removed':
      return { ...state, workspaces: without(state.workspaces, event.workspaceId) };
    case 'bridge.changed':
      return { ...state, bridge: { ...state.bridge, modes: event.modes } };
    case 'tool.called':
      return {
        ...state,
        bridge: { ...state.bridge, recentCalls: [event.call, ...state.bridge.recentCalls].slice(0, RECENT_CALLS) },
      };
    case 'token.changed':
      return { ...state, tokens: put(state.tokens, event.token.id, event.token) };
    case 'tunnel.changed':
      return { ...state, tunnel: event.tunnel };
    case 'remote.changed':
      return { ...state, remote: event.remote };
    case 'agent.changed':
      return { ...state, agents: put(state.agents, event.agent.name, event.agent) };
    case 'agent.removed':
      return { ...state, agents: without(state.agents, event.name) };
    case 'session.changed':
      return { ...state, sessions: newest(put(state.sessions, event.session.id, event.session), isOpen) };
    case 'task.changed':
      return { ...state, tasks: newest(put(state.tasks, event.task.id, event.task), isUnfinished) };
    case 'task.removed':
      return { ...state, tasks: without(state.tasks, event.taskId) };
    case 'approval.changed':
      return { ...state, approvals: newest(put(state.approvals, event.approval.id, event.approval), isOpenApproval) };
    case 'grant.changed':
      return { ...state, grants: put(state.grants, event.grant.id, event.grant) };
    case 'grant.removed':
      return { ...state, grants: without(state.grants, event.grantId) };
    case 'device.changed':
      return { ...state, devices: put(state.devices, event.device.id, event.device) };
    case 'device.removed':
      return { ...state, devices: without(state.devices, event.deviceId) };
    case 'invitation.changed':
      return { ...state, invitation: event.invitation };
    case 'audit.grown':
      return { ...state, audit: event.audit };
  }
}

function put<T>(table: Record<string, T>, key: string, value: T): Record<string, T> {
  return { ...table, [key]: value };
}

function without<T>(table: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(table).filter(([other]) => other !== key));
}

const isOpen = (session: { state: string }) => session.state === 'open';
const isUnfinished = (task: { state: string }) => ['queued', 'running', 'waiting'].includes(task.state);
const isOpenApproval = (approval: { state: string }) =>
  ['pending', 'approved', 'executing'].includes(approval.state);

/** Keeps everything that is still open and the newest of the rest: the snapshot stays small for ever. */
function newest<T extends { createdAt: string }>(
  table: Record<string, T>,
  keep: (value: T) => boolean,
): Record<string, T> {
  const entries = Object.entries(table);
  if (entries.length <= RECENT_ENDED) return table;
  const ended = entries.filter(([, value]) => !keep(value));
  const excess = ended
    .sort(([, a], [, b]) => (a.createdAt < b.createdAt ? -1 : 1))
    .slice(0, Math.max(0, entries.length - RECENT_ENDED));
  const drop = new Set(excess.map(([key]) => key));
  return Object.fromEntries(entries.filter(([key]) => !drop.has(key)));
}
