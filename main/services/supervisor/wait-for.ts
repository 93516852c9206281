import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import { createLineMatcher } from './line-matcher.ts';
import type { Managed } from './managed.ts';
import { findPattern, findText, type FindLine } from './pattern.ts';
import { isLive, isUp } from './process-machine.ts';
import { watchOutput } from './readiness.ts';

type Until = ParsedInputOf<'supervisor.wait'>['until'];
type Waited = OutputOf<'supervisor.wait'>;

/** How much of what was printed before the wait is looked at, from the end. */
const HISTORY_BYTES = 1_048_576;
const PIECE = 65_536;
const SHOWN_LINE = 4096;

/**
 * Waits until it happened, the process came to its end first, or the time is over. Output that this run printed
 * before counts; a process that waits for its next start has not come to its end.
 * @param logs the two log files of the process
 */
export function waitFor(
  managed: Managed,
  until: Until,
  timeoutMs: number,
  deps: { clock: Clock; logs: readonly string[] },
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
    const find = finderOf(until);
    ends.push(deps.clock.after(timeoutMs, () => finish('timed-out')));

    const look = (process: ManagedProcess) => {
      const outcome = judge(until, process);
      if (outcome) finish(outcome);
    };
    ends.push(managed.watch(look));
    if (!find) {
      look(managed.current());
      return;
    }
    // First the ear, then the file: nothing that is printed in between is missed.
    ends.push(
      watchOutput(
        find,
        managed,
        (line) => finish('happened', line),
        (reason) => fail(new HostError('invalid_input', reason)),
      ),
    );
    searchFiles(deps.logs, find).then((line) => {
      if (line !== null) finish('happened', line);
      else look(managed.current());
    }, fail);
  });
}

function finderOf(until: Until): FindLine | null {
  if (until.kind === 'text') return findText(until.text);
  return until.kind === 'regex' ? findPattern(until.pattern) : null;
}

function judge(until: Until, process: ManagedProcess): Waited['outcome'] | null {
  const ended = !isLive(process) && process.state !== 'backing-off';
  if (until.kind === 'exit') return isLive(process) ? null : 'happened';
  if (until.kind === 'ready' && isUp(process)) return 'happened';
  return ended ? 'ended-first' : null;
}

async function searchFiles(files: readonly string[], find: FindLine): Promise<string | null> {
  for (const file of files) {
    const line = await searchFile(file, find);
    if (line !== null) return line;
  }
  return null;
}

async function searchFile(file: string, find: FindLine): Promise<string | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return null;
  try {
    const { size } = await handle.stat();
    const match = createLineMatcher(find);
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(PIECE);
    for (let at = Math.max(0, size - HISTORY_BYTES); at < size;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const line = match(decoder.write(buffer.subarray(0, bytesRead)));
      if (line !== null) return line;
    }
    return null;
  } finally {
    await handle.close();
  }
}
