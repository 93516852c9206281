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
  remote: { agents: [], permissions: 'host', connections: [] },
  agents: {},
  sessions: {},
  tasks: {},
  approvals: {},
  grants: {},
  devices: {},
  invitation: { state: 'none' },
  passkeys: {},
  audit: { records: 0, state: 'ok', checkpointAt: null, oldestSeq: 0 },
};

type EventOf<T extends HostEvent['type']> = Extract<HostEvent, { type: T }>;
type Reducers = { readonly [T in HostEvent['type']]: (state: HostState, event: EventOf<T>) => HostState };

/** One line for each event; the compiler names the one that is missing. */
const reducers: Reducers = {
  'host.changed': (state, { host }) => ({ ...state, host }),
  'listeners.changed': (state, { listeners }) => ({ ...state, listeners }),
  'alert.raised': (state, { alert }) => ({
    ...state,
    alerts: [alert, ...state.alerts].slice(0, RECENT_ALERTS),
  }),
  'alert.dismissed': (state, { alertId }) => ({
    ...state,
    alerts: state.alerts.filter((alert) => alert.id !== alertId),
  }),
  'process.changed': (state, { process }) => ({
    ...state,
    processes: put(state.processes, process.name, process),
  }),
  'process.removed': (state, { name }) => ({ ...state, processes: without(state.processes, name) }),
  'workspace.changed': (state, { workspace }) => ({
    ...state,
    workspaces: put(state.workspaces, workspace.id, workspace),
  }),
  'workspace.removed': (state, { workspaceId }) => ({
    ...state,
    workspaces: without(state.workspaces, workspaceId),
  }),
  'bridge.changed': (state, { modes }) => ({ ...state, bridge: { ...state.bridge, modes } }),
  'tool.called': (state, { call }) => ({
    ...state,
    bridge: { ...state.bridge, recentCalls: [call, ...state.bridge.recentCalls].slice(0, RECENT_CALLS) },
  }),
  'token.changed': (state, { token }) => ({ ...state, tokens: put(state.tokens, token.id, token) }),
  'token.removed': (state, { tokenId }) => ({ ...state, tokens: without(state.tokens, tokenId) }),
  'tunnel.changed': (state, { tunnel }) => ({ ...state, tunnel }),
  'remote.changed': (state, { remote }) => ({ ...state, remote }),
  'agent.changed': (state, { agent }) => ({ ...state, agents: put(state.agents, agent.name, agent) }),
  'agent.removed': (state, { name }) => ({ ...state, agents: without(state.agents, name) }),
  'session.changed': (state, { session }) => ({
    ...state,
    sessions: newest(put(state.sessions, session.id, session), isOpen),
  }),
  'session.removed': (state, { sessionId }) => ({ ...state, sessions: without(state.sessions, sessionId) }),
  'task.changed': (state, { task }) => ({
    ...state,
    tasks: newest(put(state.tasks, task.id, task), isUnfinished),
  }),
  'task.removed': (state, { taskId }) => ({ ...state, tasks: without(state.tasks, taskId) }),
  'approval.changed': (state, { approval }) => ({
    ...state,
    approvals: newest(put(state.approvals, approval.id, approval), isOpenApproval),
  }),
  'grant.changed': (state, { grant }) => ({ ...state, grants: put(state.grants, grant.id, grant) }),
  'grant.removed': (state, { grantId }) => ({ ...state, grants: without(state.grants, grantId) }),
  'device.changed': (state, { device }) => ({ ...state, devices: put(state.devices, device.id, device) }),
  'device.removed': (state, { deviceId }) => ({ ...state, devices: without(state.devices, deviceId) }),
  'invitation.changed': (state, { invitation }) => ({ ...state, invitation }),
  'passkey.changed': (state, { passkey }) => ({
    ...state,
    passkeys: put(state.passkeys, passkey.id, passkey),
  }),
  'passkey.removed': (state, { passkeyId }) => ({
    ...state,
    passkeys: without(state.passkeys, passkeyId),
  }),
  'audit.grown': (state, { audit }) => ({ ...state, audit }),
};

/** The one reducer. Main, dashboard and phone run this same function, so they cannot disagree. */
export function applyEvent(state: HostState, event: HostEvent): HostState {
  // The table pairs each name with its own event; TypeScript cannot follow that through an index.
  const reduce = reducers[event.type] as (state: HostState, event: HostEvent) => HostState;
  return reduce(state, event);
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
