/** What the screens show of managed processes and their logs. Times are milliseconds since 1970. */

import type { LogLine } from '../../contract/process-logs.ts';

export type ProcessState =
  'starting' | 'running' | 'unhealthy' | 'stopping' | 'stopped' | 'failed' | 'waiting';

export interface ProcessView {
  /** Its name, which is unique on its host. */
  readonly id: string;
  readonly name: string;
  readonly state: ProcessState;
  /** For example why it failed, or `exit code 1`. */
  readonly detail?: string;
  readonly restarts: number;
  /** Of the run that goes on; `null`: none does. */
  readonly startedAt: number | null;
  /** When it is started again by itself. */
  readonly retryAt: number | null;
  readonly endedAt: number | null;
  readonly port: number | null;
  readonly folder: string;
  readonly argv: readonly string[];
  /** It ended again and again: no restart is left. */
  readonly crashLoop: boolean;
  /** It outlived the host that started it, and this one took it over. */
  readonly adopted: boolean;
  /** Bytes of this run that could not be written to its logs. */
  readonly logsLost: number;
}

/** What a process and all that it started use now. */
export interface FigureView {
  /** Processors in use: 1 is one core all of the time; `null` after the first look. */
  readonly cpu: number | null;
  /** Bytes. */
  readonly memory: number;
  /** How many processes it is made of. */
  readonly count: number;
  /** TCP ports on which they listen. */
  readonly ports: readonly number[];
}

interface PartNamed {
  readonly id: string;
  readonly kind: 'host' | 'shim' | 'tunnel' | 'agent';
  /** The agent; empty for the others. */
  readonly name: string;
}

/** Something that the host runs beside the managed processes. */
export interface PartView extends PartNamed {
  readonly startedAt: number | null;
  /** Bytes, with all that it started; `null`: this host cannot measure it. */
  readonly memory: number | null;
}

/** A tunnel or an agent that has ended. */
export interface EndedPartView extends PartNamed {
  readonly endedAt: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

type Failed = { readonly kind: 'failed'; readonly why: string };

export type FiguresAnswer =
  | {
      readonly kind: 'ready';
      /** False where the operating system shows no process table. */
      readonly supported: boolean;
      readonly of: ReadonlyMap<string, FigureView>;
      readonly parts: readonly PartView[];
      /** Newest first. */
      readonly ended: readonly EndedPartView[];
    }
  | Failed;

/** The end of what a part printed on stderr. */
export type PartOutputAnswer =
  | {
      readonly kind: 'ready';
      readonly text: string;
      /** Bytes before it that are not shown. */
      readonly missing: number;
    }
  /** The host keeps nothing of it, or not any more. */
  | { readonly kind: 'gone' }
  | Failed;

export type LogStreams = 'both' | 'stdout' | 'stderr';

/** Which log, and where it is opened. */
export interface LogWanted {
  readonly name: string;
  readonly streams: LogStreams;
  /** At this line; without it at the end, and what is written is followed. */
  readonly line?: number;
}

export interface LogView {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Why it could not be read; else empty. */
  readonly why: string;
  /** One after the other, no number left out. */
  readonly lines: readonly LogLine[];
  /** What is written appears as it is written. */
  readonly following: boolean;
  /** The host has older lines. */
  readonly hasEarlier: boolean;
  /** How many newer lines the host has. */
  readonly newer: number;
}

/** A log while somebody looks at it. */
export interface LogFeed {
  earlier(): void;
  later(): void;
  /** Leaves the lines as they are; what is written is only counted. */
  pause(): void;
  /** Goes to the end and stays there. */
  follow(): void;
  /** Reads on after it failed. */
  again(): void;
  close(): void;
}

export interface LogQuery {
  /** `null`: all processes of the host. */
  readonly name: string | null;
  readonly text: string;
  /** Where the page before ended; only for one process. */
  readonly after: { readonly epoch: string; readonly number: number } | null;
}

/** Lines that were found, newest first. */
export type LogSearchAnswer =
  | {
      readonly kind: 'ready';
      readonly lines: readonly LogLine[];
      /** Where it goes on; `null`: this was all, or more than one process was searched. */
      readonly next: { readonly epoch: string; readonly number: number } | null;
      /** There are more lines than these, in whichever process. */
      readonly more: boolean;
    }
  | Failed;
