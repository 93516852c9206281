import type { AuditEntry } from '../../kernel/auditor.ts';
import { instant, type RandomSource } from '../../kernel/ports.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';
import type { LogFile } from './log-file.ts';
import type { SupervisorDeps } from './ports.ts';
import { isLive, isWanted, transition, type AfterEnd, type ProcessEvent } from './process-machine.ts';
import { startRun, type Run, type RunEnd } from './process-run.ts';
import type { OutputListener } from './readiness.ts';
import { decideRestart, describeExit, type RestartAnswer } from './restart-policy.ts';

export type Outcome = 'started' | 'unchanged' | 'restarted';

export interface ManagedDeps extends Pick<
  SupervisorDeps,
  'clock' | 'random' | 'log' | 'audit' | 'processGroups' | 'hostEnv' | 'onSecrets'
> {
  readonly sanitize: (text: string) => string;
  readonly stdout: LogFile;
  readonly stderr: LogFile;
  /** Keeps the new status and tells everybody, in that order. */
  changed(process: ManagedProcess): void;
}

/** One managed process: its acts happen one after another, and never wait for those of another process. */
export interface Managed {
  current(): ManagedProcess;
  /** Runs this definition: starts it, leaves it alone when it runs already, or restarts it when it changed. */
  run(definition: ProcessDefinition, project: string | null, actor: string): Promise<Outcome>;
  /** @throws HostError of the process that cannot be started; a process that runs is left alone */
  start(actor: string): Promise<void>;
  stop(actor: string): Promise<void>;
  restart(actor: string): Promise<void>;
  /** A line of ours in its log. */
  note(text: string): Promise<void>;
  watch(listener: (process: ManagedProcess) => void): () => void;
  listen(listener: OutputListener): () => void;
  /** Stops it; it does not start again. */
  close(actor: string): Promise<void>;
}

export function createManaged(deps: ManagedDeps, initial: ManagedProcess): Managed {
  const { clock, log } = deps;
  const watchers = new Set<(process: ManagedProcess) => void>();
  const listeners = new Set<OutputListener>();
  let process = initial;
  let attempts = 0;
  let closed = false;
  let run: Run | null = null;
  let cancelRetry = () => {};
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  };

  function become(next: ManagedProcess): void {
    process = next;
    deps.changed(next);
    for (const watcher of [...watchers]) watcher(next);
  }

  function apply(event: ProcessEvent): boolean {
    const next = transition(process, event);
    if (next) become(next);
    return next !== null;
  }

  async function spawn(actor: string, restarts: number): Promise<void> {
    if (closed)
      throw new HostError('unavailable', `${process.name} is being removed or the host is stopping`);
    cancelRetry();
    const { name, definition } = process;
    try {
      await deps.audit.append({
        actor,
        type: 'process.started',
        object: name,
        facts: { program: definition.argv[0] ?? '', restarts },
      });
      run = await startRun(definition, deps, {
        spawned: (pid) => void apply({ type: 'spawned', pid, at: instant(clock.now()), restarts }),
        ready: () => void apply({ type: 'became-ready', at: instant(clock.now()) }),
        unhealthy: (reason) => void apply({ type: 'became-unhealthy', reason: deps.sanitize(reason) }),
        output: (stream, text) => {
          for (const listener of [...listeners]) listener(stream, text);
        },
        ended,
      });
    } catch (error) {
      const reason = error instanceof HostError ? error.message : `cannot be started: ${String(error)}`;
      apply({ type: 'not-started', reason: deps.sanitize(reason), at: instant(clock.now()) });
      throw error;
    }
  }

  function ended(end: RunEnd): void {
    run = null;
    const { exitCode, signal, ranMs } = end;
    const { restart: policy } = process.definition;
    const jitter = unitInterval(deps.random);
    const answer: RestartAnswer = closed
      ? { kind: 'stay' }
      : decideRestart({ policy, exitCode, signal, attempts, ranMs, jitter });
    const wasUp = process.state !== 'starting' && process.state !== 'unhealthy';
    const clean = { ...end, lastLines: deps.sanitize(end.lastLines) };
    const next = afterEnd(answer, clean, wasUp, clock.now());
    apply({ type: 'ended', at: instant(clock.now()), exitCode, signal, next });
    void record('host', 'process.ended', { exitCode, signal });
    if (process.state === 'backing-off' && answer.kind === 'retry') {
      attempts = answer.attempts;
      const seconds = (answer.delayMs / 1000).toFixed(1);
      void note(
        `${describeExit(exitCode, signal)}; restart ${attempts} of ${policy.maxRestarts} in ${seconds} s`,
      );
      cancelRetry = clock.after(answer.delayMs, retry);
    }
    void closeLogs();
  }

  async function closeLogs(): Promise<void> {
    await Promise.all([deps.stdout.close(), deps.stderr.close()]);
  }

  function retry(): void {
    void inTurn(async () => {
      if (process.state !== 'backing-off' || closed) return;
      await spawn('host', process.restarts + 1);
    }).catch((error: unknown) =>
      log.warn({ process: process.name, error: String(error) }, 'a restart failed'),
    );
  }

  /** It has ended: refusing that because it cannot be written down would help nobody. */
  async function record(actor: string, type: string, facts: AuditEntry['facts'] = {}): Promise<void> {
    await deps.audit.append({ actor, type, object: process.name, facts }).catch((error: unknown) => {
      log.error({ process: process.name, type, error: String(error) }, 'not put on record');
    });
  }

  async function startByHand(actor: string): Promise<void> {
    attempts = 0;
    await spawn(actor, 0);
  }

  async function stopNow(actor: string): Promise<void> {
    cancelRetry();
    if (!apply({ type: 'stop-requested', at: instant(clock.now()) })) return;
    await record(actor, 'process.stopped');
    await run?.stop();
  }

  function note(text: string): Promise<void> {
    return deps.stderr.append(Buffer.from(`[signalbox] ${text}\n`));
  }

  return {
    current: () => process,
    run: (definition, project, actor) =>
      inTurn(async () => {
        const same = isSame(process.definition, definition);
        if (same && isWanted(process)) {
          // A project adopts what was started by hand; nothing has to be restarted for that.
          if (project !== null && process.project !== project) become({ ...process, project });
          return 'unchanged';
        }
        const wasWanted = isWanted(process);
        await stopNow(actor);
        if (!same || process.project !== project) become({ ...process, definition, project });
        await startByHand(actor);
        return wasWanted ? 'restarted' : 'started';
      }),
    start: (actor) =>
      inTurn(async () => {
        if (!isLive(process)) await startByHand(actor);
      }),
    stop: (actor) => inTurn(() => stopNow(actor)),
    restart: (actor) =>
      inTurn(async () => {
        await stopNow(actor);
        await startByHand(actor);
      }),
    note,
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close(actor) {
      closed = true;
      return inTurn(async () => {
        await stopNow(actor);
        await closeLogs();
      });
    },
  };
}

/** The status that follows an end, as the policy decided. `wasUp`: it had been ready, or had nothing to be ready for. */
function afterEnd(answer: RestartAnswer, end: RunEnd, wasUp: boolean, now: number): AfterEnd {
  const printed = end.lastLines === '' ? '' : `: ${end.lastLines}`;
  if (answer.kind === 'retry') return { kind: 'retry', retryAt: instant(now + answer.delayMs) };
  if (answer.kind === 'give-up') return { kind: 'failed', reason: answer.reason + printed };
  if (wasUp) return { kind: 'exited' };
  return {
    kind: 'failed',
    reason: `${describeExit(end.exitCode, end.signal)} before it was ready${printed}`,
  };
}

/** A random number, 0 <= n < 1. */
function unitInterval(random: RandomSource): number {
  return new DataView(random.bytes(4).slice().buffer).getUint32(0) / 2 ** 32;
}

/** Definitions come out of one parser, but the order of keys in `env` is the writer's. */
function isSame(left: ProcessDefinition, right: ProcessDefinition): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
