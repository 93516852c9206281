import { join } from 'node:path';
import type { ParsedInputOf } from '../../../../contract/commands.ts';
import { HostError } from '../../../../contract/errors.ts';
import type { ProcessName } from '../../../../contract/process-name.ts';
import type * as z from 'zod';
import { callSignal } from '../../../kernel/call-scope.ts';
import type { HandlersOf } from '../../../kernel/handlers.ts';
import type { Clock } from '../../../kernel/ports.ts';
import { createOwnSearch, createRipgrepSearch, type LineSearch } from './line-search.ts';
import type { Part } from './line-window.ts';
import { createLogMap, type LogMap } from './log-map.ts';
import { readLines } from './read-lines.ts';
import { searchLog, SetAside } from './search-logs.ts';

/** A map costs open files: those that were not asked for lately are closed. */
const MAX_MAPS = 16;
const MAX_WAITS = 256;
const MAX_SEARCHES = 4;
const MAX_ANSWER = 1_048_576;
const TRIES = 5;

export interface LogsDeps {
  readonly logsDir: string;
  readonly clock: Clock;
  readonly newEpoch: () => string;
  readonly part: Part;
  /** Absolute path of ripgrep; throws when there is none. */
  readonly ripgrepPath?: (() => string) | undefined;
  readonly names: () => readonly z.infer<typeof ProcessName>[];
}

type LinesInput = ParsedInputOf<'supervisor.readLines'>;
type LinesWait = NonNullable<LinesInput['wait']>;
type Handlers = Pick<HandlersOf<'supervisor'>, 'supervisor.readLines' | 'supervisor.searchLogs'>;

export interface Logs {
  readonly handlers: Handlers;
  /** Something was written for this process. */
  grown(name: string): void;
  close(): Promise<void>;
}

interface Entry {
  readonly map: LogMap;
  users: number;
}

/** Reads and searches what processes printed, line by line. */
export function createLogs({ logsDir, clock, newEpoch, part, ripgrepPath, names }: LogsDeps): Logs {
  const maps = new Map<string, Entry>();
  const waiting = new Map<string, Set<() => void>>();
  let searches = 0;
  let waits = 0;
  let search: LineSearch | null = null;

  function searcher(): LineSearch {
    search ??= openSearch();
    return search;
  }

  function openSearch(): LineSearch {
    try {
      if (ripgrepPath) return createRipgrepSearch(ripgrepPath(), clock);
    } catch {
      // There is none: the host looks itself.
    }
    return createOwnSearch();
  }

  async function withMap<T>(name: string, use: (map: LogMap) => Promise<T>): Promise<T> {
    if (!names().includes(name)) {
      throw new HostError('not_found', `there is no process "${name}"`, { name, known: [...names()] });
    }
    const entry = maps.get(name) ?? { map: createLogMap(join(logsDir, name), newEpoch), users: 0 };
    maps.delete(name);
    maps.set(name, entry);
    entry.users += 1;
    try {
      await entry.map.refresh();
      return await use(entry.map);
    } finally {
      entry.users -= 1;
      closeOld();
    }
  }

  function closeOld(): void {
    for (const [name, entry] of maps) {
      if (maps.size <= MAX_MAPS) return;
      if (entry.users > 0) continue;
      maps.delete(name);
      void entry.map.close();
    }
  }

  /** Until something is written for the process, at most so long. */
  function nextGrowth(name: string, ms: number): { heard: Promise<void>; end: () => void } {
    let end = () => {};
    const heard = new Promise<void>((resolve) => {
      const set = waiting.get(name) ?? new Set();
      waiting.set(name, set);
      waits += 1;
      end = () => {
        if (!set.delete(end)) return;
        waits -= 1;
        cancel();
        resolve();
      };
      const cancel = clock.after(ms, end);
      set.add(end);
    });
    return { heard, end };
  }

  /** Until something is there that the caller does not know, or the time is over. */
  async function news({ name, streams }: LinesInput, { epoch, end, ms }: LinesWait): Promise<void> {
    if (waits >= MAX_WAITS) throw new HostError('too_many', `${MAX_WAITS} clients wait already`);
    // Whoever writes while we look must be heard.
    const growth = nextGrowth(name, ms);
    const gone = callSignal();
    gone?.addEventListener('abort', growth.end);
    try {
      const extent = await withMap(name, async (map) => map.extent(streams));
      if (extent.epoch === epoch && extent.end === end) await growth.heard;
    } finally {
      gone?.removeEventListener('abort', growth.end);
      growth.end();
    }
  }

  async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SetAside)) throw error;
        if (tries === TRIES) throw new HostError('unavailable', 'the logs are moving too fast; try again');
      }
    }
  }

  return {
    handlers: {
      async 'supervisor.readLines'(input) {
        if (input.wait) await news(input, input.wait);
        return withMap(input.name, (map) => readLines(map, input, part));
      },
      async 'supervisor.searchLogs'(input) {
        if (searches >= MAX_SEARCHES) {
          throw new HostError('too_many', `${MAX_SEARCHES} searches run already; try again`);
        }
        if (input.after && input.names?.length !== 1) {
          throw new HostError('invalid_input', '"after" goes on in one process: name exactly one');
        }
        searches += 1;
        const gone = callSignal();
        try {
          const room = { bytes: MAX_ANSWER };
          const found = [];
          for (const name of input.names ?? names()) {
            const one = await tryAgain(() =>
              withMap(name, (map) => {
                const folder = join(logsDir, name);
                return searchLog(name, input, room, { map, folder, search: searcher(), part, gone });
              }),
            );
            if (one) found.push(one);
          }
          return { found };
        } finally {
          searches -= 1;
        }
      },
    },
    grown(name) {
      for (const done of [...(waiting.get(name) ?? [])]) done();
    },
    async close() {
      for (const set of waiting.values()) for (const done of [...set]) done();
      await Promise.all([...maps.values()].map(({ map }) => map.close()));
      maps.clear();
    },
  };
}
