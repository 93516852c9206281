import { commands } from '../../contract/commands.ts';
import { HostError } from '../../contract/errors.ts';
import type { LogLine } from '../../contract/process-logs.ts';

type Stream = LogLine['stream'];

/** Logs that a test writes, read and searched as the host does it. */
export function createScriptedLogs() {
  const logs = new Map<string, { stream: Stream; text: string }[]>();
  const dropped = new Map<string, number>();
  let waiting: (() => void)[] = [];
  let failure: HostError | null = null;

  function wake(): void {
    for (const go of waiting) go();
    waiting = [];
  }

  function linesOf(name: string, streams: 'both' | Stream): LogLine[] {
    return (logs.get(name) ?? [])
      .filter(({ stream }) => streams === 'both' || stream === streams)
      .map((line, number) => ({ ...line, number, name, at: '2026-11-21T10:20:30.456Z' }));
  }

  function extentOf(name: string, lines: readonly LogLine[]) {
    return { epoch: 'e', first: dropped.get(name) ?? 0, end: lines.length, runStart: 0 };
  }

  async function read(input: unknown): Promise<unknown> {
    const { name, streams, from, count, wait } = commands['supervisor.readLines'].input.parse(input);
    while (wait && !failure && linesOf(name, streams).length === wait.end)
      await new Promise<void>((resolve) => waiting.push(resolve));
    if (failure) throw failure;
    const lines = linesOf(name, streams);
    const extent = extentOf(name, lines);
    const start = Math.max(extent.first, from < 0 ? lines.length + from : from);
    return { ...extent, lines: lines.slice(start, start + count) };
  }

  function search(input: unknown): unknown {
    const asked = commands['supervisor.searchLogs'].input.parse(input);
    const { what, caseSensitive, streams, context, limit, newest, after } = asked;
    const source = what.kind === 'regex' ? what.pattern : what.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    let pattern: RegExp;
    try {
      pattern = new RegExp(source, caseSensitive ? '' : 'i');
    } catch {
      throw new HostError('invalid_input', 'the pattern is not a regular expression');
    }
    const found = (asked.names ?? [...logs.keys()]).flatMap((name) => {
      const lines = linesOf(name, streams);
      const fits = lines.filter(
        ({ text, number }) =>
          pattern.test(text) &&
          number >= (dropped.get(name) ?? 0) &&
          (after === undefined || (newest ? number < after.number : number >= after.number)),
      );
      const chosen = newest ? fits.slice(-limit) : fits.slice(0, limit);
      if (chosen.length === 0) return [];
      const hits = chosen.map(({ number }) => number);
      const near = lines.filter(({ number }) => hits.some((hit) => Math.abs(hit - number) <= context));
      return [
        {
          name,
          extent: extentOf(name, lines),
          hits,
          lines: near,
          next: fits.length > limit ? hits[0] : null,
        },
      ];
    });
    return { found };
  }

  return {
    print(name: string, texts: readonly string[], stream: Stream = 'stdout') {
      const lines = logs.get(name) ?? [];
      for (const text of texts) lines.push({ stream, text });
      logs.set(name, lines);
      wake();
    },
    /** The oldest lines go, as when a file is dropped. */
    drop: (name: string, lines: number) => void dropped.set(name, lines),
    /** From now on no log can be read; null: it can again. */
    fail(error: HostError | null) {
      failure = error;
      wake();
    },
    answers: {
      'supervisor.readLines': read,
      'supervisor.searchLogs': search,
    } satisfies Record<string, (input: unknown) => unknown>,
  };
}
