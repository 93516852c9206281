import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { Managed } from './managed.ts';
import { findText, type FindLine } from './find-line.ts';
import { findPattern } from './pattern.ts';
import { isLive, isUp } from './process-machine.ts';
import { searchFiles } from './search-files.ts';
import type { OutputSearch } from './shim/messages.ts';

type Until = ParsedInputOf<'supervisor.wait'>['until'];
type Waited = OutputOf<'supervisor.wait'>;

const SHOWN_LINE = 4096;

/**
 * Waits until it happened, the process came to its end first, or the time is over. Output that this run printed
 * before counts; a process that waits for its next start has not come to its end.
 * @param deps.logs the two log files of the process
 * @param deps.gone nobody waits for the answer any more
 */
export function waitFor(
  managed: Managed,
  until: Until,
  timeoutMs: number,
  deps: { clock: Clock; logs: readonly string[]; gone: AbortSignal | undefined },
): Promise<Waited> {
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    const finish = (outcome: Waited['outcome'], line: string | null = null) => {
      for (const end of ends.splice(0)) end();
      resolve({ outcome, line: line?.slice(0, SHOWN_LINE) ?? null });
    };
    const fail = (error: unknown) => {
      for (const end of ends.splice(0)) end();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const search = searchOf(until);
    const find = search && finderOf(search);
    ends.push(deps.clock.after(timeoutMs, () => finish('timed-out')));
    const leave = () => fail(new HostError('unavailable', 'whoever waited has left'));
    deps.gone?.addEventListener('abort', leave);
    ends.push(() => deps.gone?.removeEventListener('abort', leave));

    const look = (process: ManagedProcess) => {
      const outcome = judge(until, process);
      if (outcome) finish(outcome);
    };
    if (!search || !find) {
      ends.push(managed.watch(look));
      look(managed.current());
      return;
    }
    const history = () =>
      searchFiles(deps.logs, find).then((line) => {
        if (line !== null) finish('happened', line);
        else look(managed.current());
      }, fail);
    // Its end alone decides nothing: what was printed before the ear was there may still be searched for.
    ends.push(managed.watch((process) => void (judge(until, process) && history())));
    // First the ear, then the files: nothing that is printed in between is missed.
    ends.push(
      managed.search({
        what: search,
        begun: () => void history(),
        found: (line) => finish('happened', line),
        failed: (reason) => fail(new HostError('invalid_input', reason)),
      }),
    );
  });
}

function searchOf(until: Until): OutputSearch | null {
  return until.kind === 'text' || until.kind === 'regex' ? until : null;
}

function finderOf(search: OutputSearch): FindLine {
  return search.kind === 'text' ? findText(search.text) : findPattern(search.pattern);
}

function judge(until: Until, process: ManagedProcess): Waited['outcome'] | null {
  const ended = !isLive(process) && process.state !== 'backing-off';
  if (until.kind === 'exit') return isLive(process) ? null : 'happened';
  if (until.kind === 'ready' && isUp(process)) return 'happened';
  return ended ? 'ended-first' : null;
}
