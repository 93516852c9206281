import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ProcessDefinition } from '../../../contract/supervisor.ts';
import { credentialsIn } from '../../guard/child-env.ts';
import { isolated } from './isolation.ts';
import { isPortTaken } from './probe.ts';
import { processEnv } from './process-env.ts';
import { createRunWatch, type RunWatchEvents } from './run-watch.ts';
import type { RunRecord, RunRecords } from './run-records.ts';
import type { OutputWish, Runs, Spawned } from './runs.ts';
import type { HeldRun, RunEnd } from './shim/messages.ts';

export interface RunEvents extends RunWatchEvents {
  spawned(spawned: Spawned): void;
  /** Bytes of this run that could not be written to its logs. */
  logsLost(bytes: number): void;
  /** Its logs have grown. */
  grown(): void;
  /** The last call: nothing of it lives, its output is in the logs. */
  ended(end: RunEnd): void;
}

export interface RunDeps {
  readonly clock: Clock;
  readonly runs: Runs;
  readonly records: RunRecords;
  /** What was given to `records` and told by events is on the disk. */
  readonly saved: () => Promise<void>;
  readonly newId: () => string;
  readonly bootId: string;
  readonly processGroups: ProcessGroups;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly hostFolders: readonly string[];
  readonly onSecrets?: ((values: readonly string[]) => void) | undefined;
  /** Where the logs of the process are. */
  readonly folder: string;
}

/** One life of a managed process, from its start to its end. */
export interface Run {
  /** Ends everything of it; resolves after `ended` was called. */
  stop(graceMs: number): Promise<void>;
  /** Looks for a line from now on; the returned function ends that. */
  search(wish: OutputWish): () => void;
  /** Into its terminal, when it has one. */
  type(text: string): void;
  resize(columns: number, rows: number): void;
}

/**
 * Starts a process with fresh logs and watches it.
 * @param wishes lines that somebody waits for, from the first byte on
 * @throws HostError `conflict` when its port is taken by somebody else, `not_found` when it cannot be started
 */
export async function startRun(
  definition: ProcessDefinition,
  wishes: readonly OutputWish[],
  deps: RunDeps,
  events: RunEvents,
): Promise<{ readonly run: Run; readonly endWishes: readonly (() => void)[] }> {
  await refuseTakenPort(definition);
  const env = processEnv(definition, deps.hostEnv);
  // Before it can print one.
  deps.onSecrets?.(credentialsIn(env));
  const argv = await isolated(definition, { home: deps.hostEnv['HOME'], hostFolders: deps.hostFolders });
  const { name, cwd } = definition;
  const run = deps.newId();
  const life = createLife(definition, run, env, deps, events);
  const { listener, watch } = life;
  const { outputCondition } = watch;
  const order = {
    run,
    name,
    argv,
    cwd,
    env,
    folder: deps.folder,
    ...(definition.pty && { pty: definition.pty }),
  };
  const all = outputCondition ? [...wishes, outputCondition] : wishes;
  // Before it is asked for: a host that is killed now, and its shim with it, must leave nothing that nobody knows of.
  deps.records.save({ name, run, ...UNBORN, bootId: deps.bootId, startedAt: deps.clock.now() });
  await deps.saved();
  try {
    const ends = await deps.runs.spawn(order, listener, all);
    return { run: life.run, endWishes: ends.slice(0, wishes.length) };
  } catch (error) {
    deps.records.remove(run);
    throw error;
  }
}

/** No process has this number and this start time. */
const UNBORN = { pid: 0, startTime: '' };

/** Goes on with a run that an earlier host started. @param how ready it was then */
export function resumeRun(
  definition: ProcessDefinition,
  found: { readonly held: HeldRun } | { readonly record: RunRecord },
  was: 'up' | 'coming-up',
  deps: RunDeps,
  events: RunEvents,
): Run {
  const { run } = 'held' in found ? found.held : found.record;
  const env = processEnv(definition, deps.hostEnv);
  deps.onSecrets?.(credentialsIn(env));
  const life = createLife(definition, run, env, deps, events);
  if ('held' in found) deps.runs.attach(found.held, deps.folder, life.listener);
  else deps.runs.adopt({ ...found.record, folder: deps.folder }, life.listener);
  life.watch.resume(was, life.run.search);
  return life.run;
}

function createLife(
  definition: ProcessDefinition,
  run: string,
  env: Readonly<Record<string, string>>,
  deps: RunDeps,
  events: RunEvents,
) {
  let settle = () => {};
  const finished = new Promise<void>((resolve) => (settle = resolve));
  const { clock, processGroups, folder } = deps;
  const watch = createRunWatch(definition, { clock, processGroups, env, folder }, events);
  const listener = {
    spawned(spawned: Spawned) {
      const { pid, startTime, at } = spawned;
      const { name } = definition;
      deps.records.save({ name, run, pid, startTime, bootId: deps.bootId, startedAt: at });
      events.spawned(spawned);
      watch.begin();
    },
    grown(lost: number) {
      if (lost > 0) events.logsLost(lost);
      events.grown();
    },
    ended(end: RunEnd) {
      watch.end();
      events.grown();
      events.ended(end);
      deps.records.remove(run);
      // First on record, then forgotten by the shim: in between it is told twice, and the second time means nothing.
      void deps.saved().then(() => deps.runs.forget(run));
      settle();
    },
  };
  const life: Run = {
    async stop(graceMs) {
      watch.end();
      deps.runs.stop(run, graceMs);
      await finished;
    },
    search: (wish) => deps.runs.search(run, wish),
    type: (text) => deps.runs.type(run, text),
    resize: (columns, rows) => deps.runs.resize(run, columns, rows),
  };
  return { run: life, listener, watch };
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
