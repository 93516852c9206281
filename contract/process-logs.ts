import * as z from 'zod';
import { command } from './command.ts';
import { Instant } from './ids.ts';
import { ProcessName } from './process-name.ts';

export const LogStreamName = z.enum(['stdout', 'stderr']);
export type LogStreamName = z.infer<typeof LogStreamName>;

/** A line of a log by its number: 0 is the oldest that was kept when the host first looked. */
export const LogLine = z.strictObject({
  /** Counts the lines of the streams that were asked for, in the order in which the host read them. */
  number: z.int().nonnegative(),
  name: ProcessName,
  stream: LogStreamName,
  /** When the host read its first byte, to 20 ms; a line of a large piece has the time of the piece. */
  at: Instant,
  /** Without its end; what leaves has passed the outbound gate. */
  text: z.string(),
  /** Only the beginning of a longer line. */
  cut: z.literal(true).optional(),
  /** Its end was not written yet: there may be more of it. */
  open: z.literal(true).optional(),
});
export type LogLine = z.infer<typeof LogLine>;

/** Which lines there are. Numbers hold as long as `epoch` is the same; older lines go when files are dropped. */
export const LogExtent = z.strictObject({
  epoch: z.string().max(64),
  first: z.int().nonnegative(),
  /** One more than the number of the newest line. */
  end: z.int().nonnegative(),
  /** The first line of the newest run. */
  runStart: z.int().nonnegative(),
});
export type LogExtent = z.infer<typeof LogExtent>;

/** Which of the two; `both` counts the lines of both, in their order. */
export const LogStreams = z.enum(['both', 'stdout', 'stderr']).default('both');

/** What can be asked about the logs of managed processes. */
export const processLogCommands = {
  'supervisor.readLog': command({
    capability: 'view',
    risk: 'none',
    summary: 'Read a piece of a log by byte offset; a negative offset counts from the end.',
    input: z.strictObject({
      name: ProcessName,
      stream: LogStreamName,
      offset: z.int().default(-65_536),
      maxBytes: z.int().min(1).max(1_048_576).default(65_536),
    }),
    output: z.strictObject({ text: z.string(), offset: z.int(), nextOffset: z.int(), size: z.int() }),
  }),
  'supervisor.readLines': command({
    capability: 'view',
    risk: 'none',
    summary:
      'Read lines of a log by number or by time, both streams in order, files that were set aside included.',
    input: z.strictObject({
      name: ProcessName,
      streams: LogStreams,
      /** A negative number counts from the end. */
      from: z.int().default(-100),
      /** Begins at the first line that is not older, instead of at `from`. */
      since: Instant.optional(),
      count: z.int().min(0).max(1000).default(100),
      /** Waits, so long at most, while this is still the end and nothing more is written. */
      wait: z
        .strictObject({ epoch: z.string().max(64), end: z.int(), ms: z.int().min(1).max(25_000) })
        .optional(),
    }),
    /** Fewer lines than asked for when they are long: 1 MiB in one answer. */
    output: LogExtent.extend({ lines: z.array(LogLine).max(1000) }),
  }),
  'supervisor.searchLogs': command({
    capability: 'view',
    risk: 'none',
    summary: 'Search the logs of processes for a text or a pattern, files that were set aside included.',
    input: z.strictObject({
      /** All processes if not given. */
      names: z.array(ProcessName).min(1).max(256).optional(),
      streams: LogStreams,
      what: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(1024) }),
        z.strictObject({ kind: z.literal('regex'), pattern: z.string().min(1).max(1024) }),
      ]),
      caseSensitive: z.boolean().default(true),
      since: Instant.optional(),
      until: Instant.optional(),
      /** Lines before and after each. */
      context: z.int().min(0).max(50).default(0),
      limit: z.int().min(1).max(1000).default(100),
      /** Which of them when there are more. */
      newest: z.boolean().default(true),
      /** Goes on where the answer before ended: its `next`, for one process alone. */
      after: z.strictObject({ epoch: z.string().max(64), number: z.int().nonnegative() }).optional(),
    }),
    output: z.strictObject({
      /** One for each process in which something was found. */
      found: z.array(
        z.strictObject({
          name: ProcessName,
          extent: LogExtent,
          /** Numbers of the lines that fit, ascending. */
          hits: z.array(z.int().nonnegative()).max(1000),
          /** The lines that fit and those around them, ascending; at most 1 MiB of text. */
          lines: z.array(LogLine),
          /** There are more: where to go on with `newest: false`, or before which line with `newest: true`. */
          next: z.int().nonnegative().nullable(),
        }),
      ),
    }),
  }),
};
