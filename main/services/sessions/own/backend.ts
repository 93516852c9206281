import type { OwnStore, SessionNotice } from '../../../../contract/sessions.ts';
import type { OwnEntry, OwnFacts } from './own-session.ts';
import type { StoreFile } from './store-files.ts';

export interface Found {
  readonly facts: OwnFacts;
  readonly lastActiveAt: number;
  /** Where it lies, for a store of files. */
  readonly file?: StoreFile;
}

export interface Looked {
  readonly state: 'read' | 'absent' | 'unsupported' | 'failed';
  readonly found: readonly Found[];
  /** Parts of other sessions. */
  readonly hidden: number;
  readonly notices: readonly SessionNotice[];
}

/** Entries numbered from 0 in the order of the store. */
export interface NumberedEntry extends OwnEntry {
  readonly seq: number;
}

/** One agent's own store, for reading. */
export interface Backend {
  readonly store: OwnStore;
  look(): Promise<Looked>;
  /** It is another one when entries that were read before may have other numbers by now. */
  epoch(found: Found): Promise<string>;
  /** How many entries there are. */
  length(found: Found): Promise<number>;
  /** Entries from a number on; damaged lines between them are counted. */
  entries(found: Found, from: number, damaged: () => void): AsyncIterable<NumberedEntry>;
}
