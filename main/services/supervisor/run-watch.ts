import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessDefinition } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { watchHealth } from './health.ts';
import { createOutputTail } from './output-tail.ts';
import { findText } from './find-line.ts';
import { findPattern } from './pattern.ts';
import { probeUntil } from './probe.ts';
import { describeReadiness, probeOf, showsInOutput } from './readiness.ts';
import type { OutputWish } from './runs.ts';
import { searchFiles } from './search-files.ts';

const SHOWN_BYTES = 4096;

export interface RunWatchEvents {
  ready(): void;
  /** Not ready in time, or it can never be found out. It may still become ready. */
  notReady(reason: string): void;
  healthFailed(reason: string): void;
  healthRecovered(): void;
}

export interface RunWatchDeps {
  readonly clock: Clock;
  readonly processGroups: ProcessGroups;
  /** The environment of the process, for commands that ask how it is. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Finds out whether one run is ready, and from then on whether it is well. */
export interface RunWatch {
  /** What must be looked for from the first byte on; null when the condition is none of output. */
  readonly outputCondition: OutputWish | null;
  begin(): void;
  /** The same for a run that was alive before this host. */
  resume(was: 'up' | 'coming-up', search: (wish: OutputWish) => () => void): void;
  end(): void;
}

export function createRunWatch(
  definition: ProcessDefinition,
  deps: RunWatchDeps,
  events: RunWatchEvents,
): RunWatch {
  const { clock } = deps;
  const { ready: condition, readyTimeoutMs, health } = definition;
  let cancelTimeout = () => {};
  const ends: (() => void)[] = [];
  let over = false;
  let isUp = false;

  const logs = [join(deps.folder, 'stdout.log'), join(deps.folder, 'stderr.log')];

  function up(): void {
    if (over || isUp) return;
    isUp = true;
    cancelTimeout();
    if (condition !== null) events.ready();
    if (health === null) return;
    const attempt = probeOf(health.check, definition, deps);
    ends.push(
      watchHealth(health, attempt, clock, {
        failed: (failures) =>
          events.healthFailed(
            `${failures} health checks in a row failed: waiting for it ${describeReadiness(health.check)}`,
          ),
        recovered: events.healthRecovered,
      }),
    );
  }

  function fail(reason: string): void {
    cancelTimeout();
    if (!over && !isUp) events.notReady(reason);
  }

  function begin(): void {
    if (over) return;
    if (condition === null) {
      up();
      return;
    }
    cancelTimeout = clock.after(readyTimeoutMs, () => {
      const printed = lastLines(logs);
      const waited = `${Math.round(readyTimeoutMs / 100) / 10} s`;
      const what = `not ready after ${waited}: waiting for it ${describeReadiness(condition)}`;
      fail(printed === '' ? what : `${what}; it printed: ${printed}`);
    });
    if (!showsInOutput(condition)) ends.push(probeUntil(probeOf(condition, definition, deps), clock, up));
  }

  return {
    outputCondition:
      condition !== null && showsInOutput(condition) ? { what: condition, found: up, failed: fail } : null,
    begin,
    resume(was, search) {
      if (was === 'up') {
        up();
        return;
      }
      begin();
      if (condition === null || !showsInOutput(condition)) return;
      const find = condition.kind === 'text' ? findText(condition.text) : findPattern(condition.pattern);
      const begun = () =>
        searchFiles(logs, find).then(
          (line) => {
            if (line !== null) up();
          },
          (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
        );
      ends.push(search({ what: condition, begun: () => void begun(), found: up, failed: fail }));
    },
    end() {
      over = true;
      cancelTimeout();
      for (const end of ends.splice(0)) end();
    },
  };
}

/** The end of what these files hold, as one line. */
function lastLines(files: readonly string[]): string {
  const tail = createOutputTail();
  for (const file of files) tail.add(`${endOf(file)}\n`);
  return tail.lastLines();
}

function endOf(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.min(size, SHOWN_BYTES));
      const length = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8', 0, length);
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}
