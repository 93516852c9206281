import type { HostState } from '../../contract/host-state.ts';
import type { Approval } from '../../contract/approvals.ts';
import type { Texts } from './texts.ts';

/** What the icon says, most pressing first. `starting` shows as idle until the host is there. */
export type Mark = 'problem' | 'needs-you' | 'exposed' | 'working' | 'idle';

export type PendingApproval = Extract<Approval, { state: 'pending' }>;

export interface TrayStatus {
  readonly mark: Mark;
  readonly needsYou: number;
  /** One line without any content of what runs or waits. */
  readonly line: string;
}

/** Oldest first, as they have waited longest. */
export function pendingApprovals(state: HostState): readonly PendingApproval[] {
  return Object.values(state.approvals)
    .filter((approval) => approval.state === 'pending')
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

export function pendingDevices(state: HostState): readonly string[] {
  return Object.values(state.devices)
    .filter(({ state }) => state === 'pending')
    .map(({ id }) => id);
}

export function runningTasks(state: HostState): number {
  return Object.values(state.tasks).filter((task) => task.state === 'running' || task.state === 'waiting')
    .length;
}

export function liveProcesses(state: HostState): number {
  return Object.values(state.processes).filter((process) => 'pid' in process).length;
}

export function isExposed(state: HostState): boolean {
  return (
    state.tunnel.state === 'ready' ||
    state.tunnel.state === 'reconnecting' ||
    state.tunnel.state === 'starting'
  );
}

export function trayStatus(state: HostState, texts: Texts): TrayStatus {
  const needsYou = pendingApprovals(state).length + pendingDevices(state).length;
  const running = runningTasks(state) + liveProcesses(state);
  const broken = state.alerts.some(({ severity }) => severity === 'alarm');
  const failing = Object.values(state.processes).some(
    (process) => process.state === 'failed' || process.state === 'unhealthy',
  );
  const problem = broken || failing || state.tunnel.state === 'failed';
  const exposed = isExposed(state);
  const { status } = texts;
  const parts = [
    ...(state.host.mode === 'locked-down' ? [status.lockedDown] : []),
    ...(state.host.mode === 'paused' ? [status.paused] : []),
    ...(running > 0 ? [status.running(running)] : []),
    ...(needsYou > 0 ? [status.needsYou(needsYou)] : []),
    ...(exposed ? [status.exposed] : []),
    ...(problem ? [status.problem] : []),
  ];
  return {
    mark: problem
      ? 'problem'
      : needsYou > 0
        ? 'needs-you'
        : exposed
          ? 'exposed'
          : running > 0
            ? 'working'
            : 'idle',
    needsYou,
    line: parts.length > 0 ? parts.join(' · ') : status.idle,
  };
}
