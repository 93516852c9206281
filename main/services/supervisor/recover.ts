import type { Clock } from '../../kernel/ports.ts';
import type { ProcessTable } from '../../kernel/process-table.ts';
import type { FoundRun } from './life-cycle.ts';
import type { Managed } from './managed.ts';
import { isLive } from './process-machine.ts';
import type { RunRecord, RunRecords } from './run-records.ts';
import { UNKNOWN_GRACE_MS, type Runs } from './runs.ts';
import type { HeldRun } from './shim/messages.ts';

export interface RecoverDeps {
  readonly clock: Clock;
  readonly runs: Runs;
  readonly records: RunRecords;
  readonly table: Pick<ProcessTable, 'startTime' | 'bootId'>;
  readonly all: () => readonly Managed[];
  readonly afterCrash: 'adopt' | 'stop';
}

/**
 * What the host before left is taken over: runs that its shim holds, else those whose number and start time are those
 * on record. Nothing else is ever signalled. A process that should run always, and that nobody stopped, starts again.
 * @returns names of the processes that were taken over
 */
export async function recover(deps: RecoverDeps): Promise<string[]> {
  const { runs, records } = deps;
  const held = new Map((await runs.recover()).map((one) => [one.run, one]));
  const known = new Map(records.load().map((record) => [record.name, record]));
  const adopted: string[] = [];
  for (const managed of deps.all()) {
    const process = managed.current();
    const record = known.get(process.name);
    known.delete(process.name);
    const found = record && foundRun(record, held.get(record.run), deps);
    // Just asked for when the host was killed, and begun all the same: it is ended as what nobody knows of.
    if (record && found?.kind === 'held' && !isLive(process)) {
      records.remove(record.run);
      continue;
    }
    if (record) held.delete(record.run);
    if (isLive(process)) {
      if (found && found.kind !== 'gone' && process.state !== 'stopping') adopted.push(process.name);
      managed.resume(found ?? gone(deps.clock), deps.afterCrash);
    } else if (process.state === 'backing-off') managed.resumeBackOff();
    if (record && (!isLive(process) || found?.kind === 'gone')) endRecord(record, deps);
  }
  for (const record of known.values()) endRecord(record, deps);
  // Nobody knows them any more: the state that they belonged to is gone, or is an older one.
  for (const one of held.values()) endUnknown(one, deps);
  runs.recovered();
  await startAlways(deps);
  return adopted;
}

function foundRun(record: RunRecord, held: HeldRun | undefined, deps: RecoverDeps): FoundRun {
  if (held) return held.end ? { kind: 'gone', end: held.end } : { kind: 'held', held };
  const { pid, startTime, bootId } = record;
  const lives = bootId === deps.table.bootId() && deps.table.startTime(pid) === startTime;
  return lives ? { kind: 'stranger', record } : gone(deps.clock);
}

function gone(clock: Clock): FoundRun {
  return { kind: 'gone', end: { code: null, signal: null, ranMs: 0, lastLines: '', at: clock.now() } };
}

/** The run is over; what may be left of it is ended. */
function endRecord({ run, bootId }: RunRecord, { runs, records, table }: RecoverDeps): void {
  records.remove(run);
  runs.forget(run);
  if (bootId === table.bootId()) runs.sweep(run);
}

function endUnknown(one: HeldRun, { runs }: RecoverDeps): void {
  if (one.end) return runs.forget(one.run);
  runs.attach(one, '', { grown: () => {}, ended: () => runs.forget(one.run) });
  runs.stop(one.run, UNKNOWN_GRACE_MS);
}

/** The host itself had stopped them when it ended. */
async function startAlways({ all }: RecoverDeps): Promise<void> {
  const wanted = all().filter((managed) => {
    const process = managed.current();
    return (
      process.state === 'stopped' && process.byHost === true && process.definition.restart.mode === 'always'
    );
  });
  // One that cannot be started says so itself.
  await Promise.allSettled(wanted.map((managed) => managed.start('host')));
}
