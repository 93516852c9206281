import type { OwnStore, SessionUsage } from '../../../../contract/sessions.ts';
import type { OwnFacts, OwnReader } from './own-session.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Where a session file lies, and what else a format may look at to learn of its folder. */
export interface FilePlace {
  readonly relative: string;
  /** Of the file's project, where a store keeps one beside it; null when it keeps none. */
  readonly projectRoot: string | null;
}

/** How one agent keeps its sessions: a file each, a JSON value a line. */
export interface FileFormat {
  readonly store: OwnStore;
  folder(env: Env): string;
  /** How many folders deep the files lie; 1 is the root itself. */
  readonly depth: number;
  isSession(relative: string): boolean;
  /** Below the root: a small file that says which folder the session belongs to. */
  projectFile?(relative: string): string;
  /**
   * What the first lines say. `hidden`: part of another session; null: no session at all.
   * @param values the lines as parsed, `undefined` for one that is no JSON
   */
  facts(values: readonly unknown[], place: FilePlace): OwnFacts | 'hidden' | null;
  /** The first lines say all that `facts` can use. */
  isEnough(values: readonly unknown[]): boolean;
  reader(): OwnReader;
  /** What a line says of the tokens that the session has used so far. */
  usage(value: unknown): SessionUsage | null;
}
