import type { Readable, Writable } from 'node:stream';
import type { Agent } from '../../../contract/agents.ts';

export interface AgentProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Ends the whole group; resolves when none of it is left. */
  stop(): Promise<unknown>;
}

export interface AgentLauncher {
  list(): Promise<Agent[]>;
  launch(name: string, options: { cwd: string; label: string }): Promise<AgentProcess>;
}
