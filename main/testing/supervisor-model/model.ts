import type { ManagedProcess } from '../../../contract/supervisor.ts';

/** What a child of the model does. `slow` prints its sign of being ready when it is told to, `deaf` ignores TERM. */
export interface Kind {
  readonly policy: 'never' | 'on-failure' | 'always';
  readonly ready: 'none' | 'quick' | 'slow';
  readonly deaf: boolean;
  /** Its program does not exist. */
  readonly missing: boolean;
  readonly maxRestarts: number;
  readonly dependsOn: readonly string[];
  readonly project: boolean;
}

export const MAX_RESTARTS = 2;
/** Of the model's clock: behind this every planned restart is due, and behind LATE_MS every readiness too. */
export const RETRY_MS = 80_000;
export const LATE_MS = 650_000;
export const READY_TIMEOUT_MS = 600_000;

/** One process in the plainest words. */
export interface Believed {
  kind: Kind;
  state: ManagedProcess['state'];
  /** Restarts in a row that the host itself has begun; its count is forgotten with the host. */
  attempts: number;
  /** As it is shown: since the last start by hand. */
  restarts: number;
  /** The host had ended it because it ended itself. */
  byHost: boolean;
  crashLoop: boolean;
  /** On the clock of the host. */
  readyBy: number;
}

export type Belief = Map<string, Believed>;

export const isAlive = ({ state }: Pick<Believed, 'state'>) =>
  state === 'starting' || state === 'running' || state === 'ready' || state === 'unhealthy';
export const isWanted = (one: Pick<Believed, 'state'>) => isAlive(one) || one.state === 'backing-off';

export function copyOf(belief: Belief): Belief {
  return new Map([...belief].map(([name, one]) => [name, { ...one }]));
}

function alive(one: Believed, restarts: number, now: number): void {
  const { ready } = one.kind;
  one.state = ready === 'none' ? 'running' : ready === 'quick' ? 'ready' : 'starting';
  Object.assign(one, { restarts, byHost: false, crashLoop: false, readyBy: now + READY_TIMEOUT_MS });
}

function fail(belief: Belief, name: string, crashLoop = false): void {
  const one = belief.get(name);
  if (!one) return;
  Object.assign(one, { state: 'failed', byHost: false, crashLoop });
  for (const [other, { kind }] of belief) {
    if (kind.project === one.kind.project && kind.dependsOn.includes(name)) stopBecause(belief, other);
  }
}

/** As what depends on something that failed is stopped. */
export function stopBecause(belief: Belief, name: string): void {
  const one = belief.get(name);
  if (one && isWanted(one)) fail(belief, name);
}

/** @returns whether it is alive then */
function startByHand(belief: Belief, name: string, one: Believed, now: number): boolean {
  one.attempts = 0;
  if (one.kind.missing) fail(belief, name);
  else alive(one, 0, now);
  return !one.kind.missing;
}

export function stop(belief: Belief, name: string, byHost = false): void {
  const one = belief.get(name);
  if (one && isWanted(one)) Object.assign(one, { state: 'stopped', byHost, crashLoop: false });
}

/** @returns what the command answers; null when it refuses because the program is missing */
export function run(belief: Belief, name: string, kind: Kind, now: number) {
  const known = belief.get(name);
  const wanted = known !== undefined && isWanted(known);
  if (wanted && known.kind === kind) return 'unchanged';
  if (known) stop(belief, name);
  const fresh = { attempts: 0, restarts: 0, byHost: false, crashLoop: false, readyBy: 0 };
  const one: Believed = known ?? { kind, state: 'stopped', ...fresh };
  one.kind = kind;
  belief.set(name, one);
  if (!startByHand(belief, name, one, now)) return null;
  return wanted ? 'restarted' : 'started';
}

export function start(belief: Belief, name: string, now: number): boolean {
  const one = belief.get(name);
  if (!one) return false;
  return isAlive(one) || startByHand(belief, name, one, now);
}

export function restart(belief: Belief, name: string, now: number): boolean {
  const one = belief.get(name);
  if (!one) return false;
  stop(belief, name);
  return startByHand(belief, name, one, now);
}

/** It came to an end that nobody asked for. @param code null for a signal, or when nobody could know */
export function end(belief: Belief, name: string, code: number | null): void {
  const one = belief.get(name);
  if (!one || !isAlive(one)) return;
  const { policy, maxRestarts } = one.kind;
  const wasUp = one.state === 'ready' || one.state === 'running';
  one.byHost = false;
  if (policy === 'never' || (policy === 'on-failure' && code === 0)) {
    if (wasUp) one.state = 'exited';
    else fail(belief, name);
  } else if (one.attempts >= maxRestarts) fail(belief, name, one.attempts > 0);
  else Object.assign(one, { state: 'backing-off', attempts: one.attempts + 1 });
}

/** A slow one was told to say that it is ready. */
export function becomeReady(belief: Belief, name: string): void {
  const one = belief.get(name);
  if (one?.state === 'starting' || one?.state === 'unhealthy') one.state = 'ready';
}

/** Time has passed on the clock of the host, to `now`. */
export function pass(belief: Belief, now: number): void {
  for (const one of belief.values()) {
    if (one.state === 'backing-off') alive(one, one.restarts + 1, now);
    else if (one.state === 'starting' && one.readyBy <= now) one.state = 'unhealthy';
  }
}

/** Another host takes over, with a clock that begins at 0. */
export function takeOver(belief: Belief, afterCrash: 'adopt' | 'stop'): void {
  for (const [name, one] of belief) {
    one.attempts = 0;
    one.readyBy = READY_TIMEOUT_MS;
    if (afterCrash === 'stop' && isAlive(one)) fail(belief, name);
  }
}

/** A host ended in good order, and the next one began. */
export function comeBack(belief: Belief): void {
  for (const name of belief.keys()) stop(belief, name, true);
  takeOver(belief, 'adopt');
  for (const [name, one] of belief) {
    if (one.state === 'stopped' && one.byHost && one.kind.policy === 'always') {
      startByHand(belief, name, one, 0);
    }
  }
}

/** What may follow what, in all that is published of one process. A name that is new begins as stopped. */
export const LEGAL: { readonly [S in ManagedProcess['state']]: readonly ManagedProcess['state'][] } = {
  stopped: ['stopped', 'starting', 'running', 'failed'],
  exited: ['exited', 'starting', 'running', 'failed'],
  failed: ['failed', 'starting', 'running'],
  'backing-off': ['backing-off', 'starting', 'running', 'failed', 'stopped'],
  starting: ['starting', 'ready', 'unhealthy', 'stopping', 'backing-off', 'failed'],
  running: ['running', 'unhealthy', 'stopping', 'exited', 'backing-off', 'failed'],
  ready: ['ready', 'unhealthy', 'stopping', 'exited', 'backing-off', 'failed'],
  unhealthy: ['unhealthy', 'ready', 'running', 'stopping', 'exited', 'backing-off', 'failed'],
  stopping: ['stopping', 'stopped', 'failed'],
};
