import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';
import { instant } from '../../kernel/ports.ts';
import { createManaged, type Managed } from './managed.ts';
import { findPattern } from './pattern.ts';
import type { SupervisorDeps } from './ports.ts';
import { definedProcess, isWanted } from './process-machine.ts';
import type { ProcessRecords } from './process-records.ts';
import type { RunRecords } from './run-records.ts';
import type { Runs } from './runs.ts';

const MAX_PROCESSES = 256;

export interface ProcessSetDeps extends Pick<
  SupervisorDeps,
  | 'clock'
  | 'random'
  | 'log'
  | 'audit'
  | 'publish'
  | 'processGroups'
  | 'onSecrets'
  | 'hostEnv'
  | 'hostFolders'
  | 'logsDir'
> {
  readonly runs: Runs;
  readonly records: ProcessRecords;
  readonly runRecords: RunRecords;
  readonly bootId: string;
  readonly saved: () => Promise<void>;
  readonly sanitize: (text: string) => string;
  /** The logs of the process of this name have grown. */
  readonly grown: (name: string) => void;
}

/** All managed processes by name, and what one of them means for the others. */
export interface ProcessSet {
  has(name: string): boolean;
  find(name: string): Managed | undefined;
  /** @throws HostError `not_found` */
  get(name: string): Managed;
  all(): Managed[];
  /** The process of this name, made when it is new. @throws HostError when it cannot be */
  define(definition: ProcessDefinition, project: string | null): Managed;
  /** Those on record. */
  load(): void;
  remove(name: string, actor: string): Promise<void>;
  /** Ends all at the same time; nothing is defined any more. */
  close(): Promise<void>;
}

export function createProcessSet(deps: ProcessSetDeps): ProcessSet {
  const { clock, random, log, runs, records, bootId, hostEnv, logsDir } = deps;
  const processes = new Map<string, Managed>();
  const leaving = new Set<Managed>();
  let closed = false;

  function keep(next: ManagedProcess): void {
    records.save(next);
    deps.publish({ type: 'process.changed', process: next });
  }

  /** What depends on a process that has failed for good cannot work, and says so instead of pretending. */
  function stopDependents(failed: Extract<ManagedProcess, { state: 'failed' }>): void {
    for (const other of processes.values()) {
      const { definition, project: of } = other.current();
      if (of !== failed.project || !definition.dependsOn.includes(failed.name)) continue;
      if (!isWanted(other.current())) continue;
      void other.stop('host', `it depends on ${failed.name}, which failed: ${failed.reason}`);
    }
  }

  function manage(process: ManagedProcess): Managed {
    const folder = join(logsDir, process.name);
    const managed = createManaged(
      {
        ...{ clock, random, log, runs, bootId, hostEnv, folder, sanitize: deps.sanitize },
        ...{ audit: deps.audit, processGroups: deps.processGroups, onSecrets: deps.onSecrets },
        hostFolders: deps.hostFolders,
        records: deps.runRecords,
        newId: () => random.id(),
        saved: deps.saved,
        grown() {
          deps.grown(process.name);
        },
        changed(next, happened) {
          // What was queued behind its removal must not bring it back.
          if (processes.get(process.name) !== managed) return;
          keep(next);
          if (happened && next.state === 'failed') stopDependents(next);
        },
      },
      process,
    );
    processes.set(process.name, managed);
    return managed;
  }

  function define(definition: ProcessDefinition, project: string | null): Managed {
    // A pattern that is none is refused before anything is stopped or started.
    if (definition.ready?.kind === 'regex') findPattern(definition.ready.pattern);
    if (closed) throw new HostError('unavailable', 'the host is stopping');
    const known = processes.get(definition.name);
    if (known && leaving.has(known)) {
      throw new HostError('unavailable', `${definition.name} is being removed; try again`);
    }
    if (known) return known;
    if (processes.size >= MAX_PROCESSES) {
      throw new HostError('too_many', `there are ${MAX_PROCESSES} processes already; remove one first`);
    }
    return manage(definedProcess(random.id(), definition, project, instant(clock.now())));
  }

  function managed(name: string): Managed {
    const found = processes.get(name);
    if (found) return found;
    throw new HostError('not_found', `there is no process "${name}"`, { name, known: [...processes.keys()] });
  }

  return {
    has: (name) => processes.has(name),
    find: (name) => processes.get(name),
    get: managed,
    all: () => [...processes.values()],
    define,
    load() {
      for (const process of records.load()) manage(process);
    },
    async remove(name, actor) {
      const one = managed(name);
      leaving.add(one);
      await one.close(actor);
      leaving.delete(one);
      // Somebody else has asked for it too and was first.
      if (processes.get(name) !== one) return;
      records.remove(name);
      processes.delete(name);
      deps.publish({ type: 'process.removed', name });
    },
    async close() {
      closed = true;
      await Promise.all([...processes.values()].map((one) => one.close('host')));
    },
  };
}
