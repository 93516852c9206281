import type { Approval } from '../../contract/approvals.ts';
import type { Device } from '../../contract/identity.ts';
import type { HostState } from '../../contract/host-state.ts';
import type { RiskLevel } from '../../contract/policy.ts';
import type { ManagedProcess } from '../../contract/supervisor.ts';
import type { Task } from '../../contract/tasks.ts';
import type { TunnelStatus } from '../../contract/tunnels.ts';
import { en } from '../texts/en.ts';
import type { Mark } from './state-mark.tsx';

type Shape = Omit<Mark, 'word'>;
const busy: Shape = { tone: 'info', icon: 'clock' };
const good: Shape = { tone: 'ok', icon: 'check' };
const bad: Shape = { tone: 'danger', icon: 'cross' };
const quiet: Shape = { tone: 'neutral', icon: 'square' };
const asks: Shape = { tone: 'warning', icon: 'question' };
const doubtful: Shape = { tone: 'warning', icon: 'warning' };

const processShapes: Record<ManagedProcess['state'], Shape> = {
  starting: busy,
  running: { tone: 'ok', icon: 'play' },
  ready: good,
  unhealthy: doubtful,
  stopping: busy,
  exited: quiet,
  'backing-off': { tone: 'warning', icon: 'restart' },
  failed: bad,
  stopped: quiet,
};

const taskShapes: Record<Task['state'], Shape> = {
  queued: busy,
  running: { tone: 'info', icon: 'play' },
  waiting: asks,
  done: good,
  failed: bad,
  cancelled: quiet,
  interrupted: doubtful,
};

const approvalShapes: Record<Approval['state'], Shape> = {
  pending: asks,
  approved: good,
  executing: busy,
  done: good,
  failed: bad,
  unknown: doubtful,
  stale: doubtful,
  denied: bad,
  expired: { tone: 'neutral', icon: 'clock' },
  cancelled: quiet,
};

const tunnelShapes: Record<TunnelStatus['state'], Shape> = {
  off: { tone: 'neutral', icon: 'lock' },
  starting: busy,
  ready: { tone: 'warning', icon: 'tunnels' },
  reconnecting: { tone: 'warning', icon: 'restart' },
  failed: bad,
};

const deviceShapes: Record<Device['state'], Shape> = {
  pending: asks,
  active: good,
  idle: { tone: 'warning', icon: 'clock' },
  revoked: quiet,
};

const riskShapes: Record<RiskLevel, Shape> = {
  0: { tone: 'neutral', icon: 'info' },
  1: { tone: 'info', icon: 'info' },
  2: { tone: 'warning', icon: 'warning' },
  3: { tone: 'danger', icon: 'warning' },
  4: { tone: 'danger', icon: 'warning' },
};

export const processMark = (state: ManagedProcess['state']): Mark => ({
  ...processShapes[state],
  word: en.states.process[state],
});
export const taskMark = (state: Task['state']): Mark => ({
  ...taskShapes[state],
  word: en.states.task[state],
});
export const approvalMark = (state: Approval['state']): Mark => ({
  ...approvalShapes[state],
  word: en.states.approval[state],
});
export const tunnelMark = (state: TunnelStatus['state']): Mark => ({
  ...tunnelShapes[state],
  word: en.states.tunnel[state],
});
export const riskMark = (risk: RiskLevel): Mark => ({ ...riskShapes[risk], word: en.states.risk[risk] });

export function deviceMark(device: Device): Mark {
  if (device.state === 'active' && device.connected) return { ...good, word: en.states.device.connected };
  if (device.state === 'active') return { tone: 'neutral', icon: 'circle', word: en.states.device.away };
  const word = device.state === 'pending' && device.purpose === 'renew' ? 'returning' : device.state;
  return { ...deviceShapes[device.state], word: en.states.device[word] };
}

const modeShapes: Record<HostState['host']['mode'], Shape> = {
  running: good,
  paused: { tone: 'warning', icon: 'pause' },
  'locked-down': { tone: 'danger', icon: 'lock' },
};
export const modeMark = (mode: HostState['host']['mode']): Mark => ({
  ...modeShapes[mode],
  word: en.states.mode[mode],
});

export const checkMarks = {
  ok: good,
  warning: doubtful,
  missing: { tone: 'neutral', icon: 'circle' },
  unsafe: bad,
} as const satisfies Record<string, Shape>;

export const callMarks = { ok: good, refused: asks, failed: bad } as const satisfies Record<string, Shape>;

export const isLive = (process: ManagedProcess): boolean =>
  ['starting', 'running', 'ready', 'unhealthy', 'stopping', 'backing-off'].includes(process.state);
export const isUnfinished = (task: Task): boolean => ['queued', 'running', 'waiting'].includes(task.state);
