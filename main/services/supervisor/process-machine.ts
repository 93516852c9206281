import type { ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';

/** Everything that can happen to a managed process. `at` is an instant, RFC 3339 in UTC. */
export type ProcessEvent =
  | { readonly type: 'spawned'; readonly pid: number; readonly at: string; readonly restarts: number }
  | { readonly type: 'became-ready'; readonly at: string }
  | { readonly type: 'not-ready-in-time'; readonly reason: string }
  | { readonly type: 'health-failed'; readonly reason: string; readonly at: string }
  | { readonly type: 'health-recovered'; readonly at: string }
  | { readonly type: 'logs-lost'; readonly bytes: number }
  /** `because` makes it fail for that reason; `byHost`: the host is stopping, nobody asked. */
  | {
      readonly type: 'stop-requested';
      readonly at: string;
      readonly because?: string;
      readonly byHost?: true;
    }
  | {
      readonly type: 'ended';
      readonly at: string;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly next: AfterEnd;
    }
  | { readonly type: 'not-started'; readonly reason: string; readonly at: string }
  /** Another host has found it alive. */
  | { readonly type: 'adopted' };

/** What follows an end that nobody asked for. */
export type AfterEnd =
  | { readonly kind: 'exited' }
  | { readonly kind: 'retry'; readonly retryAt: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly crashLoop?: true };

export type LiveProcess = Extract<ManagedProcess, { pid: number }>;

/** True while a process of the operating system stands behind it. */
export function isLive(process: ManagedProcess): process is LiveProcess {
  return 'pid' in process;
}

/** True while nothing but a stop keeps it from running: it lives, or it waits for its next start. */
export function isWanted(process: ManagedProcess): boolean {
  return process.state === 'backing-off' || (isLive(process) && process.state !== 'stopping');
}

/** True when those that depend on it may start. Without a condition, running is all that can be known. */
export function isUp(process: ManagedProcess): boolean {
  return process.state === 'ready' || (process.state === 'running' && process.definition.ready === null);
}

/** A process that was defined and never ran. */
export function definedProcess(
  id: string,
  definition: ProcessDefinition,
  project: string | null,
  at: string,
) {
  const process: ManagedProcess = {
    id,
    name: definition.name,
    definition,
    restarts: 0,
    project,
    isolation: definition.isolation,
    state: 'stopped',
    endedAt: at,
  };
  return process;
}

/**
 * (status, event) -> next status, or null when the event means nothing in this status: a probe that answers after
 * the stop, a second stop. Pure. The only place where a status is made.
 */
export function transition(process: ManagedProcess, event: ProcessEvent): ManagedProcess | null {
  switch (event.type) {
    case 'spawned':
      return spawned(process, event);
    case 'became-ready':
      return becameReady(process, event.at);
    case 'not-ready-in-time':
      if (process.state !== 'starting') return null;
      return { ...sharedOf(process), ...liveOf(process), state: 'unhealthy', reason: event.reason };
    case 'health-failed':
      return healthFailed(process, event);
    case 'health-recovered':
      return healthRecovered(process);
    case 'logs-lost':
      return logsLost(process, event.bytes);
    case 'stop-requested':
      return stopRequested(process, event);
    case 'ended':
      return isLive(process) ? ended(process, event) : null;
    case 'not-started':
      if (isLive(process)) return null;
      return { ...sharedOf(process), state: 'failed', reason: event.reason, endedAt: event.at };
    case 'adopted':
      return isLive(process) && process.adopted !== true ? { ...process, adopted: true } : null;
  }
}

type Event<K extends ProcessEvent['type']> = Extract<ProcessEvent, { type: K }>;

function spawned(process: ManagedProcess, { at, pid, restarts }: Event<'spawned'>): ManagedProcess | null {
  if (isLive(process)) return null;
  const { definition } = process;
  const { id, name, project } = process;
  return {
    id,
    name,
    definition,
    project,
    isolation: definition.isolation,
    restarts,
    pid,
    startedAt: at,
    state: definition.ready === null ? 'running' : 'starting',
  };
}

function becameReady(process: ManagedProcess, readyAt: string): ManagedProcess | null {
  const isLate = process.state === 'unhealthy' && process.readyAt === undefined;
  if (process.state !== 'starting' && !isLate) return null;
  return { ...sharedOf(process), ...liveOf(process), state: 'ready', readyAt };
}

function logsLost(process: ManagedProcess, bytes: number): ManagedProcess | null {
  return isLive(process) && bytes > (process.logsLost ?? 0) ? { ...process, logsLost: bytes } : null;
}

function healthFailed(process: ManagedProcess, event: Event<'health-failed'>): ManagedProcess | null {
  if (process.state !== 'ready' && process.state !== 'running') return null;
  const readyAt = process.state === 'ready' ? process.readyAt : process.startedAt;
  return {
    ...sharedOf(process),
    ...liveOf(process),
    state: 'unhealthy',
    reason: event.reason,
    readyAt,
  };
}

function healthRecovered(process: ManagedProcess): ManagedProcess | null {
  if (process.state !== 'unhealthy' || process.readyAt === undefined) return null;
  const next = { ...sharedOf(process), ...liveOf(process) };
  return process.definition.ready === null
    ? { ...next, state: 'running' }
    : { ...next, state: 'ready', readyAt: process.readyAt };
}

function stopRequested(process: ManagedProcess, event: Event<'stop-requested'>): ManagedProcess | null {
  const { at: endedAt, because, byHost } = event;
  const shared = sharedOf(process);
  if (process.state === 'backing-off') {
    if (because !== undefined) return { ...shared, state: 'failed', reason: because, endedAt };
    return { ...shared, state: 'stopped', endedAt, ...(byHost && { byHost }) };
  }
  if (!isLive(process) || process.state === 'stopping') return null;
  return {
    ...shared,
    ...liveOf(process),
    state: 'stopping',
    ...(because !== undefined && { because }),
    ...(byHost && { byHost }),
  };
}

function ended(process: LiveProcess, event: Event<'ended'>): ManagedProcess {
  const shared = sharedOf(process);
  const { at: endedAt, exitCode, signal, next } = event;
  if (process.state === 'stopping') {
    const { because, byHost } = process;
    if (because !== undefined) return { ...shared, state: 'failed', reason: because, endedAt };
    return { ...shared, state: 'stopped', endedAt, ...(byHost && { byHost }) };
  }
  if (next.kind === 'retry') {
    return { ...shared, state: 'backing-off', exitCode, signal, endedAt, retryAt: next.retryAt };
  }
  if (next.kind === 'failed') {
    const { reason, crashLoop } = next;
    return { ...shared, state: 'failed', reason, endedAt, ...(crashLoop && { crashLoop }) };
  }
  return { ...shared, state: 'exited', exitCode, signal, endedAt };
}

function sharedOf({ id, name, definition, restarts, project, isolation, logsLost }: ManagedProcess) {
  return {
    id,
    name,
    definition,
    restarts,
    project,
    isolation,
    ...(logsLost !== undefined && { logsLost }),
  };
}

function liveOf({ pid, startedAt, adopted }: LiveProcess) {
  return { pid, startedAt, ...(adopted && { adopted }) };
}
