import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroup, ProcessGroups } from '../../kernel/process-groups.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ProcessDefinition } from '../../../contract/supervisor.ts';
import { credentialsIn } from '../../guard/child-env.ts';
import { capture } from './capture.ts';
import type { LogFile } from './log-file.ts';
import { createOutputTail } from './output-tail.ts';
import { isPortTaken } from './probe.ts';
import { processEnv } from './process-env.ts';
import { describeReadiness, watchReadiness, type OutputListener } from './readiness.ts';

/** A log that cannot be written must not hide for longer that the process has ended. */
const FLUSH_MS = 5000;

export interface RunEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly ranMs: number;
  /** The end of what it printed, as one line. */
  readonly lastLines: string;
}

export interface RunEvents {
  spawned(pid: number): void;
  ready(): void;
  unhealthy(reason: string): void;
  output: OutputListener;
  /** The last call: it has ended, its output is in the logs. */
  ended(end: RunEnd): void;
}

export interface RunDeps {
  readonly clock: Clock;
  readonly processGroups: ProcessGroups;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly onSecrets?: (values: readonly string[]) => void;
  readonly stdout: LogFile;
  readonly stderr: LogFile;
}

/** One life of a managed process, from its start to its end. */
export interface Run {
  /** Ends its whole group; resolves after `ended` was called. */
  stop(): Promise<void>;
}

/**
 * Starts a process with fresh logs and watches it.
 * @throws HostError `conflict` when its port is taken by somebody else, `not_found` when it cannot be started
 */
export async function startRun(
  definition: ProcessDefinition,
  deps: RunDeps,
  events: RunEvents,
): Promise<Run> {
  const { clock } = deps;
  await refuseTakenPort(definition);
  await Promise.all([deps.stdout.startOver(), deps.stderr.startOver()]);
  const env = processEnv(definition, deps.hostEnv);
  // Before it can print one.
  deps.onSecrets?.(credentialsIn(env));
  const group = await deps.processGroups.spawn({
    argv: definition.argv,
    cwd: definition.cwd,
    env,
    label: `process ${definition.name}`,
  });
  const from = clock.monotonic();
  const tail = createOutputTail();
  const listeners = new Set<OutputListener>([events.output, (_stream, text) => tail.add(text)]);
  const hear = (stream: 'stdout' | 'stderr') => (text: string) => {
    for (const listener of [...listeners]) listener(stream, text);
  };
  events.spawned(group.pid);
  const endWatch = watchUntilReady(definition, clock, listeners, tail.lastLines, events);
  const logged = Promise.all([
    capture(group.stdout, deps.stdout, hear('stdout')),
    capture(group.stderr, deps.stderr, hear('stderr')),
  ]);
  const finished = waitForEnd(group, logged, clock).then(({ code, signal }) => {
    endWatch();
    events.ended({
      exitCode: code,
      signal,
      ranMs: clock.monotonic() - from,
      lastLines: tail.lastLines(),
    });
  });
  return {
    async stop() {
      await group.stop();
      await finished;
    },
  };
}

/** Otherwise a probe would take the other program for ours, and ours would fail in its own words at best. */
async function refuseTakenPort({ name, port, ready }: ProcessDefinition): Promise<void> {
  const wanted = port ?? (ready?.kind === 'tcp' ? ready.port : null);
  if (wanted === null || !(await isPortTaken(wanted))) return;
  throw new HostError('conflict', `port ${wanted} of ${name} is in use by another program`, {
    name,
    port: wanted,
  });
}

function watchUntilReady(
  { ready: condition, readyTimeoutMs }: ProcessDefinition,
  clock: Clock,
  listeners: Set<OutputListener>,
  lastLines: () => string,
  events: RunEvents,
): () => void {
  if (condition === null) return () => {};
  const printed = () => (lastLines() === '' ? '' : `; it printed: ${lastLines()}`);
  const cancelTimeout = clock.after(readyTimeoutMs, () => {
    const waited = `${Math.round(readyTimeoutMs / 100) / 10} s`;
    events.unhealthy(`not ready after ${waited}: waiting for it ${describeReadiness(condition)}${printed()}`);
  });
  const listen = (listener: OutputListener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const ready = () => {
    cancelTimeout();
    events.ready();
  };
  const endWatch = watchReadiness(condition, { clock, listen }, ready, (reason) => {
    cancelTimeout();
    events.unhealthy(reason);
  });
  return () => {
    cancelTimeout();
    endWatch();
  };
}

async function waitForEnd(group: ProcessGroup, logged: Promise<unknown>, clock: Clock) {
  const exit = await group.exited;
  let cancel = () => {};
  await Promise.race([logged, new Promise<void>((resolve) => (cancel = clock.after(FLUSH_MS, resolve)))]);
  cancel();
  return exit;
}
