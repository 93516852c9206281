import type { ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';

/** Everything that can happen to a managed process. `at` is an instant, RFC 3339 in UTC. */
export type ProcessEvent =
  | { readonly type: 'spawned'; readonly pid: number; readonly at: string; readonly restarts: number }
  | { readonly type: 'became-ready'; readonly at: string }
  | { readonly type: 'became-unhealthy'; readonly reason: string }
  | { readonly type: 'stop-requested'; readonly at: string }
  | {
      readonly type: 'ended';
      readonly at: string;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly next: AfterEnd;
    }
  | { readonly type: 'not-started'; readonly reason: string; readonly at: string }
  | { readonly type: 'host-was-gone'; readonly at: string };

/** What follows an end that nobody asked for. */
export type AfterEnd =
  | { readonly kind: 'exited' }
  | { readonly kind: 'retry'; readonly retryAt: string }
  | { readonly kind: 'failed'; readonly reason: string };

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
    isolation: 'none',
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
  const shared = sharedOf(process);
  switch (event.type) {
    case 'spawned':
      if (isLive(process)) return null;
      return {
        ...shared,
        restarts: event.restarts,
        pid: event.pid,
        startedAt: event.at,
        state: process.definition.ready === null ? 'running' : 'starting',
      };
    case 'became-ready':
      if (process.state !== 'starting' && process.state !== 'unhealthy') return null;
      return { ...shared, ...liveOf(process), state: 'ready', readyAt: event.at };
    case 'became-unhealthy':
      if (process.state !== 'starting') return null;
      return { ...shared, ...liveOf(process), state: 'unhealthy', reason: event.reason };
    case 'stop-requested':
      if (process.state === 'backing-off') return { ...shared, state: 'stopped', endedAt: event.at };
      if (!isLive(process) || process.state === 'stopping') return null;
      return { ...shared, ...liveOf(process), state: 'stopping' };
    case 'ended':
      return isLive(process) ? ended(process, event) : null;
    case 'not-started':
      return isLive(process) ? null : { ...shared, state: 'failed', reason: event.reason, endedAt: event.at };
    case 'host-was-gone':
      return restored(process, event.at);
  }
}

function ended(process: LiveProcess, event: Extract<ProcessEvent, { type: 'ended' }>): ManagedProcess {
  const shared = sharedOf(process);
  const { at: endedAt, exitCode, signal, next } = event;
  if (process.state === 'stopping') return { ...shared, state: 'stopped', endedAt };
  if (next.kind === 'retry') {
    return { ...shared, state: 'backing-off', exitCode, signal, endedAt, retryAt: next.retryAt };
  }
  if (next.kind === 'failed') return { ...shared, state: 'failed', reason: next.reason, endedAt };
  return { ...shared, state: 'exited', exitCode, signal, endedAt };
}

/** What a record says after the host itself was gone: how a live process ended is not known, and that is said. */
function restored(process: ManagedProcess, endedAt: string): ManagedProcess | null {
  const shared = sharedOf(process);
  if (process.state === 'stopping') return { ...shared, state: 'stopped', endedAt };
  if (isLive(process)) return { ...shared, state: 'exited', exitCode: null, signal: null, endedAt };
  if (process.state !== 'backing-off') return null;
  const { exitCode, signal } = process;
  return { ...shared, state: 'exited', exitCode, signal, endedAt: process.endedAt };
}

function sharedOf({ id, name, definition, restarts, project, isolation }: ManagedProcess) {
  return { id, name, definition, restarts, project, isolation };
}

function liveOf({ pid, startedAt }: LiveProcess) {
  return { pid, startedAt };
}
