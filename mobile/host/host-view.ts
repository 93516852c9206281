import type { HostState } from '../../contract/host-state.ts';
import type { DeviceScope } from '../../contract/identity.ts';
import type { ManagedProcess } from '../../contract/supervisor.ts';
import type { Task } from '../../contract/tasks.ts';
import type { TunnelStatus } from '../../contract/tunnels.ts';
import { approvalView } from './approval-view.ts';
import type { PairedHost } from './host-record.ts';
import type {
  HostView,
  LinkState,
  ProcessState,
  ProcessView,
  SessionStatus,
  SessionView,
  TunnelView,
  WitnessView,
} from './views.ts';

const ladder: readonly DeviceScope[] = ['view', 'submit', 'approve', 'manage'];

const taskStatus: Readonly<Record<Task['state'], SessionStatus>> = {
  queued: 'working',
  running: 'working',
  waiting: 'waiting',
  done: 'done',
  failed: 'failed',
  cancelled: 'stopped',
  interrupted: 'interrupted',
};

const processState: Readonly<Record<ManagedProcess['state'], ProcessState>> = {
  starting: 'starting',
  running: 'running',
  ready: 'running',
  unhealthy: 'failed',
  stopping: 'stopping',
  exited: 'stopped',
  'backing-off': 'waiting',
  failed: 'failed',
  stopped: 'stopped',
};

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0]?.slice(0, 200) ?? '';
}

function changedAt(task: Task): number {
  if ('endedAt' in task) return Date.parse(task.endedAt);
  return Date.parse('startedAt' in task ? task.startedAt : task.createdAt);
}

function resultOf(task: Task): string {
  if (task.state === 'done') return task.summary;
  return task.state === 'failed' ? task.reason : '';
}

function sessionView(task: Task, host: Pick<PairedHost, 'hostId' | 'name'>): SessionView {
  const result = resultOf(task);
  return {
    id: task.id,
    sessionId: 'sessionId' in task ? task.sessionId : null,
    hostId: host.hostId,
    hostName: host.name,
    agent: task.agent,
    title: firstLine(task.text),
    status: taskStatus[task.state],
    changedAt: changedAt(task),
    ...(result !== '' && { result }),
    changedFiles: task.state === 'done' ? task.changedFiles : [],
  };
}

function detailOf(process: ManagedProcess): string | undefined {
  if ('reason' in process) return process.reason;
  if ('exitCode' in process) {
    return process.exitCode === null
      ? `signal ${process.signal ?? '?'}`
      : `exit code ${String(process.exitCode)}`;
  }
  const { port } = process.definition;
  return port === null ? undefined : `port ${String(port)}`;
}

function processView(process: ManagedProcess): ProcessView {
  const detail = detailOf(process);
  const { name, state } = process;
  return { id: name, name, state: processState[state], ...(detail !== undefined && { detail }) };
}

function tunnelView(tunnel: TunnelStatus): TunnelView {
  if (tunnel.state === 'off' || tunnel.state === 'failed') return { state: tunnel.state };
  return {
    state: tunnel.state === 'starting' ? 'opening' : 'open',
    ...('url' in tunnel && { address: tunnel.url }),
    ...(tunnel.closesAt !== null && { closesAt: Date.parse(tunnel.closesAt) }),
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
  const host = { id: record.hostId, name, deviceId: record.deviceId };
  return {
    id: record.hostId,
    name,
    ...condition,
    scopes: scopesOf(record, state),
    approvals: Object.values(state.approvals).map((approval) => approvalView(approval, state, host)),
    sessions: Object.values(state.tasks).map((task) => sessionView(task, { hostId: record.hostId, name })),
    processes: Object.values(state.processes).map(processView),
    tunnel: tunnelView(state.tunnel),
    bashMode: state.bridge.modes.bash,
    mode: state.host.mode,
    folders: Object.values(state.workspaces).map(({ id, name: folder }) => ({ id, name: folder })),
    agents: Object.values(state.agents)
      .filter((agent) => agent.state === 'available')
      .map((agent) => ({ id: agent.name, name: agent.title || agent.name })),
  };
}
