import type { Readable, Writable } from 'node:stream';

export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running agent, alone in its process group, with the least environment that it needs. */
export interface AgentProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the leader has ended and its pipes are closed. Never rejects. */
  readonly exited: Promise<AgentExit>;
  /** TERM to the whole group, KILL by a deadline; resolves when none of it is left. */
  stop(): Promise<AgentExit>;
}
