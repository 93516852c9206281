import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { LogStreamName, ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant } from '../../kernel/ports.ts';
import { createLogFile } from './log-file.ts';
import { createManaged, type Managed } from './managed.ts';
import { findPattern } from './pattern.ts';
import type { SupervisorDeps } from './ports.ts';
import { definedProcess, isLive, isWanted, transition } from './process-machine.ts';
import { createProcessRecords } from './process-records.ts';
import { down, projectFile, readProject, up, type ProjectDeps } from './project.ts';
import { readLog } from './read-log.ts';
import { waitFor } from './wait-for.ts';

const MAX_PROCESSES = 256;
const MAX_WAITS = 256;

export interface Supervisor {
  readonly handlers: HandlersOf<'supervisor'>;
  /** Restores what is on record. What ran when the host was killed is told as ended, because it was. */
  start(): void;
  /** Stops all processes at the same time; nothing starts any more. */
  stop(): Promise<void>;
  snapshot(): ManagedProcess[];
  /** The port of a process that lives; null when there is no such process or it has no port. */
  portOf(name: string): number | null;
}

/** The processes that the host keeps running: started by hand or from a project file. */
export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { clock, log, random, streams, logsDir, hostEnv } = deps;
  const sanitize = deps.sanitize ?? ((text: string) => text);
  const part = deps.part ?? ((text: string, from: number, to: number) => text.slice(from, to));
  const records = createProcessRecords(deps.db, log);
  const processes = new Map<string, Managed>();
  let stopped = false;
  let waits = 0;

  const logPath = (name: string, stream: LogStreamName) => join(logsDir, name, `${stream}.log`);
  streams.locate('log', (source) =>
    source.kind === 'log' && processes.has(source.name) ? logPath(source.name, source.stream) : null,
  );

  function manage(process: ManagedProcess): Managed {
    const logFile = (stream: LogStreamName) =>
      createLogFile(logPath(process.name, stream), { log, grown: (file) => streams.grown(file) });
    const managed = createManaged(
      {
        ...deps,
        sanitize,
        stdout: logFile('stdout'),
        stderr: logFile('stderr'),
        changed(next) {
          try {
            records.save(next);
          } catch (error) {
            // It happened whether it can be written down or not, and the screens must not show the opposite.
            log.error(
              { process: next.name, error: String(error) },
              'the status of a process could not be kept',
            );
          }
          deps.publish({ type: 'process.changed', process: next });
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
    if (stopped) throw new HostError('unavailable', 'the host is stopping');
    const known = processes.get(definition.name);
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

  const project: ProjectDeps = {
    clock,
    env: hostEnv,
    find: (name) => processes.get(name),
    define,
    all: () => [...processes.values()],
  };

  const handlers: HandlersOf<'supervisor'> = {
    async 'supervisor.run'(definition, caller) {
      const one = define(definition, null);
      const outcome = await one.run(definition, null, caller.principal);
      return { process: one.current(), outcome };
    },
    async 'supervisor.start'({ name }, caller) {
      const one = managed(name);
      await one.start(caller.principal);
      return one.current();
    },
    async 'supervisor.stop'({ name }, caller) {
      const one = managed(name);
      await one.stop(caller.principal);
      return one.current();
    },
    async 'supervisor.restart'({ name }, caller) {
      const one = managed(name);
      await one.restart(caller.principal);
      return one.current();
    },
    async 'supervisor.stopAll'(_input, caller) {
      const wanted = [...processes.values()].filter((one) => isWanted(one.current()));
      await Promise.all(wanted.map((one) => one.stop(caller.principal)));
      return { stopped: wanted.map((one) => one.current().name) };
    },
    async 'supervisor.remove'({ name }, caller) {
      const one = managed(name);
      await one.close(caller.principal);
      records.remove(name);
      processes.delete(name);
      deps.publish({ type: 'process.removed', name });
      return {};
    },
    async 'supervisor.wait'({ name, until, timeoutMs }) {
      const one = managed(name);
      if (waits >= MAX_WAITS) throw new HostError('too_many', `${MAX_WAITS} clients wait already`);
      waits += 1;
      const logs = [logPath(name, 'stdout'), logPath(name, 'stderr')];
      const waited = await waitFor(one, until, timeoutMs, { clock, logs }).finally(() => (waits -= 1));
      return { ...waited, line: waited.line === null ? null : sanitize(waited.line) };
    },
    async 'supervisor.up'({ file, only }, caller) {
      return { processes: await up(await readProject(file, hostEnv), only, caller.principal, project) };
    },
    async 'supervisor.down'({ file }, caller) {
      return { stopped: await down(await projectFile(file), caller.principal, project) };
    },
    async 'supervisor.readLog'({ name, stream, offset, maxBytes }) {
      managed(name);
      return readLog(logPath(name, stream), offset, maxBytes, part);
    },
  };

  return {
    handlers,
    start() {
      for (const process of records.load()) {
        const restored = transition(process, { type: 'host-was-gone', at: instant(clock.now()) });
        if (restored) records.save(restored);
        manage(restored ?? process);
      }
    },
    async stop() {
      stopped = true;
      await Promise.all([...processes.values()].map((one) => one.close('host')));
    },
    snapshot: () => [...processes.values()].map((one) => one.current()),
    portOf(name) {
      const process = processes.get(name)?.current();
      return process && isLive(process) ? process.definition.port : null;
    },
  };
}
