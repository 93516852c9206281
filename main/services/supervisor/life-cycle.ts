import type { AuditEntry } from '../../kernel/auditor.ts';
import { instant, type RandomSource } from '../../kernel/ports.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { watchFiles } from './file-watch.ts';
import type { SupervisorDeps } from './ports.ts';
import { isLive, isUp, type AfterEnd, type ProcessEvent } from './process-machine.ts';
import { resumeRun, startRun, type Run, type RunDeps, type RunEvents } from './process-run.ts';
import type { ProcessStatus } from './process-status.ts';
import { decideRestart, describeExit, waitUntil, type RestartAnswer } from './restart-policy.ts';
import type { RunRecord } from './run-records.ts';
import type { HeldRun, RunEnd } from './shim/messages.ts';
import type { Wishes } from './wishes.ts';

export interface LifeCycleDeps extends RunDeps, Pick<SupervisorDeps, 'random' | 'log' | 'audit'> {
  readonly sanitize: (text: string) => string;
  /** Its logs have grown. */
  grown(): void;
  /** Puts work behind what this process does already. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** What the next host knows of a run that was alive when the one before ended without a word. */
export type FoundRun =
  | { readonly kind: 'held'; readonly held: HeldRun }
  | { readonly kind: 'stranger'; readonly record: RunRecord }
  /** It ended meanwhile; how, only a shim can know. */
  | { readonly kind: 'gone'; readonly end: RunEnd };

/** The lives of one process: how each begins, what follows its end. All but `close` is called in turn. */
export interface LifeCycle {
  /** The one that is alive. */
  run(): Run | null;
  startByHand(actor: string): Promise<void>;
  /**
   * @param because what makes it fail, when it is not the wish of a person
   * @returns false when there was nothing to stop
   */
  stop(actor: string, because?: string): Promise<boolean>;
  note(text: string): void;
  unwatchFiles(): void;
  resume(found: FoundRun, how: 'adopt' | 'stop'): void;
  resumeBackOff(): void;
  /** From now on nothing starts any more. */
  close(): void;
}

export function createLifeCycle(status: ProcessStatus, wishes: Wishes, deps: LifeCycleDeps): LifeCycle {
  const { clock, log, inTurn } = deps;
  const { apply, current } = status;
  let attempts = 0;
  let closed = false;
  let run: Run | null = null;
  let cancelRetry = () => {};
  let endFileWatch = () => {};

  function eventsOf(restarts: number): RunEvents {
    return {
      spawned: ({ pid, at }) => void apply({ type: 'spawned', pid, at: instant(at), restarts }),
      ready: () => void apply({ type: 'became-ready', at: instant(clock.now()) }),
      notReady: (reason) => void apply({ type: 'not-ready-in-time', reason: deps.sanitize(reason) }),
      healthFailed(reason) {
        apply({ type: 'health-failed', reason: deps.sanitize(reason), at: instant(clock.now()) });
        if (current().definition.health?.restart === true) restartFor('it is unhealthy', isLive);
      },
      healthRecovered: () => void apply({ type: 'health-recovered', at: instant(clock.now()) }),
      logsLost: (bytes) => void apply({ type: 'logs-lost', bytes }),
      grown: deps.grown,
      ended,
    };
  }

  async function spawn(actor: string, restarts: number): Promise<void> {
    if (closed)
      throw new HostError('unavailable', `${current().name} is being removed or the host is stopping`);
    cancelRetry();
    const { name, definition } = current();
    try {
      await deps.audit.append({
        actor,
        type: 'process.started',
        object: name,
        facts: { program: definition.argv[0] ?? '', restarts },
      });
      const waiting = wishes.forNewRun();
      const life = await startRun(definition, waiting.wishes, deps, eventsOf(restarts));
      // A run that is over already has told so.
      if (isLive(current())) run = life.run;
      waiting.bind(life.endWishes);
    } catch (error) {
      const reason = error instanceof HostError ? error.message : `cannot be started: ${String(error)}`;
      apply({ type: 'not-started', reason: deps.sanitize(reason), at: instant(clock.now()) });
      throw error;
    }
  }

  function ended(end: RunEnd): void {
    run = null;
    const { code: exitCode, signal, ranMs } = end;
    const { restart: policy } = current().definition;
    const jitter = unitInterval(deps.random);
    const answer: RestartAnswer = closed
      ? { kind: 'stay' }
      : decideRestart({ policy, exitCode, signal, attempts, ranMs, jitter });
    const clean = { ...end, lastLines: deps.sanitize(end.lastLines) };
    const next = afterEnd(answer, clean, wasUp(current()), clock.now());
    apply({ type: 'ended', at: instant(end.at), exitCode, signal, next });
    void record('host', 'process.ended', { exitCode, signal });
    if (current().state === 'backing-off' && answer.kind === 'retry') {
      attempts = answer.attempts;
      const seconds = (answer.delayMs / 1000).toFixed(1);
      note(`${describeExit(exitCode, signal)}; restart ${attempts} of ${policy.maxRestarts} in ${seconds} s`);
      cancelRetry = clock.after(answer.delayMs, retry);
    }
  }

  function retry(): void {
    void inTurn(async () => {
      if (current().state !== 'backing-off' || closed) return;
      await spawn('host', current().restarts + 1);
    }).catch(restartFailed);
  }

  const restartFailed = (error: unknown): void =>
    log.warn({ process: current().name, error: String(error) }, 'a restart failed');

  /** Restarts on behalf of nobody: files changed, or its health. */
  function restartFor(reason: string, stillMeant: (process: ManagedProcess) => boolean): void {
    void inTurn(async () => {
      if (closed || !stillMeant(current())) return;
      note(`restarted: ${reason}`);
      const restarts = current().restarts + 1;
      await stop('host');
      await spawn('host', restarts);
    }).catch(restartFailed);
  }

  /** From the first start until a person stops it: a change of files also revives what has failed or ended. */
  function watchItsFiles(): void {
    endFileWatch();
    const { watch, cwd } = current().definition;
    if (watch === null) return;
    endFileWatch = watchFiles(cwd, watch, {
      clock,
      changed(paths) {
        attempts = 0;
        const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
        restartFor(`${paths[0] ?? 'a file'}${more} changed`, ({ state }) => state !== 'stopped');
      },
      failed: (reason) => note(`files are not watched: ${reason}`),
    });
  }

  const record = (actor: string, type: string, facts: AuditEntry['facts'] = {}) =>
    putOnRecord({ actor, type, object: current().name, facts }, deps);

  async function startByHand(actor: string): Promise<void> {
    attempts = 0;
    watchItsFiles();
    await spawn(actor, 0);
  }

  async function stop(actor: string, because?: string): Promise<boolean> {
    cancelRetry();
    const byHost = actor === 'host' && because === undefined && closed;
    const reason = because === undefined ? undefined : deps.sanitize(because);
    const request = stopRequest(instant(clock.now()), reason, byHost);
    const wasLive = isLive(current());
    if (!apply(request) && current().state !== 'stopping') return false;
    // A host that is killed now is followed by one that knows that its end was wanted.
    await Promise.all([record(actor, 'process.stopped'), deps.saved()]);
    if (wasLive) await run?.stop(current().definition.stopGraceMs);
    return true;
  }

  function note(text: string): void {
    deps.runs.note(deps.folder, text);
    deps.grown();
  }

  function resume(found: FoundRun, how: 'adopt' | 'stop'): void {
    if (found.kind === 'gone') return ended(found.end);
    const { definition, restarts, state } = current();
    const was = state === 'starting' || !wasUp(current()) ? 'coming-up' : 'up';
    apply({ type: 'adopted' });
    run = resumeRun(definition, found, was, deps, eventsOf(restarts));
    if (how === 'stop' || state === 'stopping') {
      void inTurn(() => stop('host', 'the host was gone, and what it left is stopped at the next start'));
      return;
    }
    note('taken over by a new host');
    void record('host', 'process.adopted');
    watchItsFiles();
  }

  return {
    run: () => run,
    startByHand,
    stop,
    note,
    unwatchFiles: () => endFileWatch(),
    resume,
    resumeBackOff() {
      const process = current();
      if (process.state !== 'backing-off') return;
      watchItsFiles();
      cancelRetry = clock.after(waitUntil(process.retryAt, process.definition.restart, clock.now()), retry);
    },
    close() {
      closed = true;
      endFileWatch();
    },
  };
}

/** It has ended: refusing that because it cannot be written down would help nobody. */
async function putOnRecord(
  entry: AuditEntry,
  { audit, log }: Pick<LifeCycleDeps, 'audit' | 'log'>,
): Promise<void> {
  await audit.append(entry).catch((error: unknown) => {
    log.error({ process: entry.object, type: entry.type, error: String(error) }, 'not put on record');
  });
}

function stopRequest(at: string, because: string | undefined, byHost: boolean): ProcessEvent {
  return {
    type: 'stop-requested',
    at,
    ...(because !== undefined && { because }),
    ...(byHost && ({ byHost: true } as const)),
  };
}

/** It had been up in this run: ready, or with nothing to be ready for. */
function wasUp(process: ManagedProcess): boolean {
  if (process.state === 'unhealthy') return process.readyAt !== undefined;
  return process.state === 'stopping' || isUp(process);
}

/** The status that follows an end, as the policy decided. */
function afterEnd(answer: RestartAnswer, end: RunEnd, hadBeenUp: boolean, now: number): AfterEnd {
  const printed = end.lastLines === '' ? '' : `: ${end.lastLines}`;
  if (answer.kind === 'retry') return { kind: 'retry', retryAt: instant(now + answer.delayMs) };
  if (answer.kind === 'give-up') {
    return {
      kind: 'failed',
      reason: answer.reason + printed,
      ...(answer.crashLoop && ({ crashLoop: true } as const)),
    };
  }
  if (hadBeenUp) return { kind: 'exited' };
  return {
    kind: 'failed',
    reason: `${describeExit(end.code, end.signal)} before it was ready${printed}`,
  };
}

/** A random number, 0 <= n < 1. */
function unitInterval(random: RandomSource): number {
  return new DataView(random.bytes(4).slice().buffer).getUint32(0) / 2 ** 32;
}
