import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { LogStreamName } from '../../../contract/process-logs.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { callSignal } from '../../kernel/call-scope.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { createProcessTable } from '../../kernel/process-table.ts';
import { createFigures } from './figures/figures.ts';
import { partList } from './figures/part-list.ts';
import { readPartOutput } from './figures/part-output.ts';
import type { SupervisorDeps } from './ports.ts';
import { processHandlers } from './process-handlers.ts';
import { isLive } from './process-machine.ts';
import { createProcessRecords } from './process-records.ts';
import { createProcessSet } from './process-set.ts';
import { createLogs } from './logs/logs.ts';
import { readLog } from './logs/read-log.ts';
import { recover } from './recover.ts';
import { createRunRecords } from './run-records.ts';
import { createRuns } from './runs.ts';
import { waitFor } from './wait-for.ts';
import { createWrites } from './writes.ts';

const MAX_WAITS = 256;

export interface Supervisor {
  readonly handlers: HandlersOf<'supervisor'>;
  /** Restores what is on record, and takes over what outlived the host before. */
  start(): Promise<void>;
  /** Stops all processes at the same time; nothing starts any more. */
  stop(): Promise<void>;
  snapshot(): ManagedProcess[];
  /** The process that holds the managed ones; null while there is none. */
  shimPid(): number | null;
  /** Lets go of all processes without a word, as a host that is killed does. Nothing of it is left then. */
  vanish(): Promise<void>;
  /** The port of a process that lives; null when there is no such process or it has no port. */
  portOf(name: string): number | null;
}

/** The processes that the host keeps running: started by hand or from a project file. */
export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { clock, log, processGroups, random, streams, logsDir } = deps;
  const sanitize = deps.sanitize ?? ((text: string) => text);
  const part = deps.part ?? ((text: string, from: number, to: number) => text.slice(from, to));
  const writes = createWrites(deps.db, log);
  const records = createProcessRecords(deps.db, writes, log);
  const runRecords = createRunRecords(deps.db, writes);
  const table = createProcessTable();
  const bootId = table.bootId();
  const runs = createRuns({
    connector: deps.shim,
    clock,
    log,
    newId: () => random.id(),
    crashed: ({ runs: count }) =>
      deps.notice?.(
        `the process that holds the managed processes has crashed; ${count} of them were taken over by a new one, ` +
          'and what they printed in that moment may be missing from their logs',
      ),
  });
  const logs = createLogs({
    ...{ logsDir, clock, part, ripgrepPath: deps.ripgrepPath },
    newEpoch: () => random.id(),
    names: () => processes.all().map((one) => one.current().name),
  });
  const logPath = (name: string, stream: LogStreamName) => join(logsDir, name, `${stream}.log`);
  const processes = createProcessSet({
    ...deps,
    ...{ runs, records, runRecords, bootId, sanitize },
    saved: writes.saved,
    grown(name) {
      streams.grown(logPath(name, 'stdout'));
      streams.grown(logPath(name, 'stderr'));
    },
  });
  let waits = 0;

  streams.locate('log', (source) =>
    source.kind === 'log' && processes.has(source.name) ? logPath(source.name, source.stream) : null,
  );

  const managed = processes.get;

  const handlers: HandlersOf<'supervisor'> = {
    ...processHandlers(processes, writes.saved, deps),
    async 'supervisor.wait'({ name, until, timeoutMs }) {
      const one = managed(name);
      if (waits >= MAX_WAITS) throw new HostError('too_many', `${MAX_WAITS} clients wait already`);
      waits += 1;
      const logs = [logPath(name, 'stdout'), logPath(name, 'stderr')];
      const waited = await waitFor(one, until, timeoutMs, { clock, logs, gone: callSignal() }).finally(
        () => (waits -= 1),
      );
      return { ...waited, line: waited.line === null ? null : sanitize(waited.line) };
    },
    async 'supervisor.type'({ name, text }) {
      managed(name).terminal().type(text);
      return {};
    },
    async 'supervisor.resizeTerminal'({ name, columns, rows }) {
      managed(name).terminal().resize(columns, rows);
      return {};
    },
    'supervisor.figures': createFigures({
      live: () =>
        processes
          .all()
          .map((one) => one.current())
          .flatMap((process) => ('pid' in process ? [{ name: process.name, pid: process.pid }] : [])),
      parts: () =>
        partList({ host: deps.hostProcess, shimPid: runs.shimPid(), children: processGroups.parts.live() }),
      ended: processGroups.parts.ended,
      clock,
    }),
    'supervisor.readPartOutput': ({ id }) => readPartOutput(processGroups.parts, id, part),
    async 'supervisor.readLog'({ name, stream, offset, maxBytes }) {
      managed(name);
      return readLog(logPath(name, stream), offset, maxBytes, part);
    },
    ...logs.handlers,
  };

  return {
    handlers,
    async start() {
      processes.load();
      await recover({
        ...{ clock, runs, table, records: runRecords },
        all: processes.all,
        afterCrash: deps.afterCrash ?? 'adopt',
      });
    },
    async stop() {
      await processes.close();
      await logs.close();
      await writes.saved();
      await runs.close();
      writes.flush();
    },
    shimPid: runs.shimPid,
    vanish: runs.vanish,
    snapshot: () => processes.all().map((one) => one.current()),
    portOf(name) {
      const process = processes.find(name)?.current();
      return process && isLive(process) ? process.definition.port : null;
    },
  };
}
