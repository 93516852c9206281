import { open, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import { withDependencies } from './dependency-order.ts';
import type { Managed, Outcome } from './managed.ts';
import { isLive, isUp } from './process-machine.ts';
import { MAX_PROJECT_FILE, parseProjectFile, type ProjectProcess } from './project-file.ts';
import type { Environment } from './variables.ts';

/** In a folder the first of these is the project file. */
const NAMES = ['signalbox.yaml', 'agent-procs.yaml'];

export interface ProjectDeps {
  readonly clock: Clock;
  readonly env: Environment;
  find(name: string): Managed | undefined;
  /** The process of this name, defined when it is new. */
  define(process: ProjectProcess['definition'], project: string): Managed;
  all(): readonly Managed[];
  /** With a port for a process that asks for any. */
  withPort(definition: ProjectProcess['definition']): Promise<ProjectProcess['definition']>;
}

export interface Started {
  readonly process: ManagedProcess;
  readonly outcome: Outcome;
}

/** @throws HostError `not_found`, `too_large` or `invalid_input` that names the file */
export async function readProject(
  path: string,
  env: Environment,
): Promise<{ file: string; processes: ProjectProcess[] }> {
  const file = await projectFile(path);
  const handle = await open(file, 'r').catch(() => {
    throw new HostError('not_found', `${file} cannot be read: give the path of a project file`, { file });
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new HostError('invalid_input', `${file} is no file`, { file });
    if (found.size > MAX_PROJECT_FILE) {
      throw new HostError('too_large', `${file} is larger than ${MAX_PROJECT_FILE} bytes`, { file });
    }
    return { file, processes: parseProjectFile(await handle.readFile('utf8'), file, env) };
  } finally {
    await handle.close();
  }
}

/** The file that a path means: itself, or the one in that folder. */
export async function projectFile(path: string): Promise<string> {
  if (!isAbsolute(path)) {
    throw new HostError('invalid_input', `${path}: the path of a project file must be absolute`);
  }
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  if (!isFolder) return resolve(path);
  for (const name of NAMES) {
    if (await stat(join(path, name)).catch(() => null)) return join(path, name);
  }
  throw new HostError('not_found', `${path} holds no project file: neither ${NAMES.join(' nor ')}`);
}

/**
 * Starts the processes of a file: each one as soon as all it depends on is up, so those that need nothing of each
 * other start at the same time. When one does not come up, what depends on it is not started (and is stopped where it
 * ran before); the others go on.
 * @throws HostError `unavailable` when one did not come up: which, why, and what was not started because of it
 */
export async function up(
  { file, processes }: { file: string; processes: readonly ProjectProcess[] },
  only: readonly string[] | undefined,
  actor: string,
  deps: ProjectDeps,
): Promise<Started[]> {
  const definitions = processes.map(({ definition }) => definition);
  const chosen = only ? withDependencies(definitions, only) : definitions;
  for (const { name } of chosen) refuseForeign(deps.find(name), file);
  const notices = new Map(processes.map(({ definition, notices: texts }) => [definition.name, texts]));
  const failures = new Map<string, string>();
  const started = new Map<string, Promise<Started | null>>();

  async function bringUp(definition: ProjectProcess['definition']): Promise<Started | null> {
    const needed = await Promise.all(definition.dependsOn.map(async (name) => started.get(name)));
    if (needed.includes(null)) {
      const missing = definition.dependsOn.filter((_name, index) => needed[index] === null).join(', ');
      await deps.find(definition.name)?.stop(actor, `it depends on ${missing}, which did not come up`);
      return null;
    }
    try {
      const whole = await deps.withPort(definition);
      const managed = deps.define(whole, file);
      const outcome = await managed.run(whole, file, actor);
      if (outcome !== 'unchanged') {
        for (const text of notices.get(definition.name) ?? []) managed.note(text);
      }
      await comeUp(managed, deps.clock);
      return { process: managed.current(), outcome };
    } catch (error) {
      failures.set(definition.name, error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  // The file has no cycles, so in this order each dependency has its promise before it is asked for.
  for (const definition of inOrder(chosen)) started.set(definition.name, bringUp(definition));
  const results = await Promise.all(started.values());
  if (failures.size > 0) throw notUp(file, failures, [...started.keys()], results);
  return results.filter((result) => result !== null);
}

function notUp(
  file: string,
  failures: ReadonlyMap<string, string>,
  names: readonly string[],
  results: readonly (Started | null)[],
): HostError {
  const notStarted = names.filter((name, index) => results[index] === null && !failures.has(name));
  const reasons = [...failures].map(([name, reason]) => `${name}: ${reason}`).join('; ');
  const skipped = notStarted.length > 0 ? `; not started because of that: ${notStarted.join(', ')}` : '';
  const running = names.filter((_name, index) => results[index] !== null);
  return new HostError('unavailable', reasons + skipped, {
    file,
    failed: [...failures.keys()],
    notStarted,
    running,
  });
}

function inOrder(chosen: readonly ProjectProcess['definition'][]): ProjectProcess['definition'][] {
  const ordered: ProjectProcess['definition'][] = [];
  const visit = (definition: ProjectProcess['definition']) => {
    if (ordered.includes(definition)) return;
    for (const other of chosen) if (definition.dependsOn.includes(other.name)) visit(other);
    ordered.push(definition);
  };
  chosen.forEach(visit);
  return ordered;
}

function refuseForeign(managed: Managed | undefined, file: string): void {
  const process = managed?.current();
  if (!process || !isLive(process) || process.project === null || process.project === file) return;
  throw new HostError(
    'conflict',
    `${process.name} runs already for ${process.project}; stop it or use another name`,
    {
      name: process.name,
      project: process.project,
    },
  );
}

/** Resolves when others may build on it; rejects with the reason when it will not come to that. */
function comeUp(managed: Managed, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const { readyTimeoutMs } = managed.current().definition;
    const finish = (problem: string | null) => {
      cancel();
      end();
      if (problem === null) resolve();
      else reject(new HostError('unavailable', problem));
    };
    const look = (process: ManagedProcess) => {
      if (isUp(process)) finish(null);
      else if (process.state === 'unhealthy' || process.state === 'failed') finish(process.reason);
      else if (process.state === 'stopped') finish('it was stopped');
      else if (process.state === 'exited') {
        // A task that ran to its end with success is done, which is all that its dependents can wait for.
        const done = process.definition.ready === null && process.exitCode === 0;
        finish(done ? null : `it ended with code ${process.exitCode ?? 'unknown'}`);
      }
    };
    // Restarts may bring it up late; a process that keeps crashing is not waited for longer than one that hangs.
    const cancel = clock.after(readyTimeoutMs + 1000, () => finish('it was not ready in time'));
    const end = managed.watch(look);
    look(managed.current());
  });
}

/** Stops what a project file started, dependents first, those of one level at the same time. */
export async function down(file: string, actor: string, deps: Pick<ProjectDeps, 'all'>): Promise<string[]> {
  let left = deps.all().filter((managed) => managed.current().project === file);
  const stopped: string[] = [];
  while (left.length > 0) {
    const needed = new Set(left.flatMap((managed) => managed.current().definition.dependsOn));
    const free = left.filter((managed) => !needed.has(managed.current().name));
    // Stored definitions come from different times and may form a cycle: then the order does not matter any more.
    const level = free.length > 0 ? free : left;
    await Promise.all(
      level.map(async (managed) => {
        const { state, name } = managed.current();
        await managed.stop(actor);
        if (managed.current().state !== state) stopped.push(name);
      }),
    );
    left = left.filter((managed) => !level.includes(managed));
  }
  return stopped;
}
