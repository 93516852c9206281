import type { LogStreamName } from '../../../../contract/process-logs.ts';

/** An update may find the shim of the version before: it is asked to end when its last run has. */
export const SHIM_VERSION = 1;
/** One message is one line of JSON of at most this length. */
export const MAX_MESSAGE = 16 * 1024 * 1024;

/** What the shim looks for in the output of a run. */
export type OutputSearch =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'regex'; readonly pattern: string };

/** Names a process of the operating system for good: a number is used again, a number with its start time is not. */
export interface OsProcess {
  readonly pid: number;
  readonly startTime: string;
}

export interface SpawnOrder {
  /** One life of a process; never used again. */
  readonly run: string;
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment; the shim adds the mark of the run and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its logs are. */
  readonly folder: string;
  /** It is given a terminal instead of pipes. */
  readonly pty?: true;
  /** Looked for from the first byte on. */
  readonly searches: readonly { readonly search: string; readonly what: OutputSearch }[];
}

/** Host to shim. */
export type ShimRequest =
  | ({ readonly type: 'spawn' } & SpawnOrder)
  /** Take over a run whose shim is gone: its leader is no child of this one, so how it ends cannot be known. */
  | ({ readonly type: 'adopt'; readonly startedAt: number } & OsProcess &
      Pick<SpawnOrder, 'run' | 'name' | 'folder' | 'searches'>)
  /** TERM to everything of the run, KILL after the grace; `ended` follows when nothing is left. */
  | { readonly type: 'stop'; readonly run: string; readonly graceMs: number }
  /** Into its terminal; nothing happens when it has none. */
  | { readonly type: 'type'; readonly run: string; readonly text: string }
  | { readonly type: 'resize'; readonly run: string; readonly columns: number; readonly rows: number }
  | { readonly type: 'search'; readonly run: string; readonly search: string; readonly what: OutputSearch }
  | { readonly type: 'unsearch'; readonly run: string; readonly search: string }
  /** A line of the host's own in the log of a process. */
  | { readonly type: 'note'; readonly folder: string; readonly text: string }
  /** Ends at once what was started for a run that nobody holds: the shim died before it could tell. */
  | { readonly type: 'sweep'; readonly run: string }
  /** The host has put the end of this run on record. */
  | { readonly type: 'forget'; readonly run: string }
  /** Ends when no run is left. */
  | { readonly type: 'quit' };

/** Times are milliseconds since 1970. `code` and `signal` are both null when nobody could know. */
export interface RunEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly ranMs: number;
  /** The end of what it printed, as one line. */
  readonly lastLines: string;
  readonly at: number;
}

/** A run that the shim holds: alive, or ended and not yet forgotten. */
export interface HeldRun extends OsProcess {
  readonly run: string;
  readonly name: string;
  readonly startedAt: number;
  readonly end: RunEnd | null;
}

/** Shim to host. */
export type ShimEvent =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly pid: number;
      readonly runs: readonly HeldRun[];
    }
  | ({ readonly type: 'spawned'; readonly run: string; readonly at: number } & OsProcess)
  | {
      readonly type: 'refused';
      readonly run: string;
      readonly code: 'not_found' | 'invalid_input' | 'unavailable';
      readonly reason: string;
    }
  /** The last of a run: nothing of it lives, and everything that it printed is in its logs. */
  | { readonly type: 'ended'; readonly run: string; readonly end: RunEnd }
  | { readonly type: 'grown'; readonly run: string; readonly lost: number }
  /** The search has begun: all that was printed before is in the logs, all that follows is searched. */
  | { readonly type: 'searching'; readonly search: string }
  | {
      readonly type: 'found';
      readonly search: string;
      readonly stream: LogStreamName;
      readonly line: string;
    }
  | { readonly type: 'search-failed'; readonly search: string; readonly reason: string };
