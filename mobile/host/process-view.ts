import type { ManagedProcess } from '../../contract/supervisor.ts';
import type { ProcessState, ProcessView } from './process-views.ts';

const states: Readonly<Record<ManagedProcess['state'], ProcessState>> = {
  starting: 'starting',
  running: 'running',
  ready: 'running',
  unhealthy: 'unhealthy',
  stopping: 'stopping',
  exited: 'stopped',
  'backing-off': 'waiting',
  failed: 'failed',
  stopped: 'stopped',
};

/** One that ended by itself, and not well, has failed: a person wants to know. */
function stateOf(process: ManagedProcess): ProcessState {
  if (process.state === 'exited' && process.exitCode !== 0) return 'failed';
  return states[process.state];
}

function detailOf(process: ManagedProcess): string | undefined {
  if ('reason' in process) return process.reason;
  if (!('exitCode' in process)) return undefined;
  return process.exitCode === null
    ? `signal ${process.signal ?? '?'}`
    : `exit code ${String(process.exitCode)}`;
}

const instant = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

export function processView(process: ManagedProcess): ProcessView {
  const detail = detailOf(process);
  const { definition, name, restarts } = process;
  return {
    ...{ id: name, name, state: stateOf(process), restarts },
    ...(detail !== undefined && { detail }),
    startedAt: instant('startedAt' in process ? process.startedAt : undefined),
    endedAt: instant('endedAt' in process ? process.endedAt : undefined),
    retryAt: instant('retryAt' in process ? process.retryAt : undefined),
    port: definition.port,
    folder: definition.cwd,
    argv: definition.argv,
    crashLoop: 'crashLoop' in process && process.crashLoop === true,
    adopted: 'adopted' in process && process.adopted === true,
    logsLost: process.logsLost ?? 0,
  };
}

/** Those that need somebody first, then what is under way, what runs, and what stands still; each by name. */
const order: readonly ProcessState[] = [
  ...(['failed', 'unhealthy', 'waiting', 'starting', 'stopping', 'running', 'stopped'] as const),
];

export function byNeed(processes: readonly ProcessView[]): ProcessView[] {
  return [...processes].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name),
  );
}

/** Whether there is something to stop; else there is something to start. */
export const isAlive = ({ state }: ProcessView): boolean =>
  state === 'starting' || state === 'running' || state === 'unhealthy' || state === 'waiting';
