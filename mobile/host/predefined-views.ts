/** What the screens show of the commands and log sources that the owner of a host has written down. */

import type { OutputOf } from '../../contract/commands.ts';
import type { ActionRun } from '../../contract/predefined.ts';

type Failed = { readonly kind: 'failed'; readonly why: string };
type Predefined = OutputOf<'tasks.actions'>;

export type PredefinedAnswer =
  | ({
      readonly kind: 'ready';
      /** Those that go on and the last that ended, newest first. */
      readonly runs: readonly ActionRun[];
    } & Readonly<Predefined>)
  | Failed;

export type LogSourceAnswer =
  | {
      readonly kind: 'ready';
      readonly text: string;
      /** There is more before these lines. */
      readonly truncated: boolean;
    }
  | Failed;

/** A run of a predefined command, and what it has printed. */
export interface RunView {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Why it could not be read; else empty. */
  readonly why: string;
  /** `null` before the first answer. */
  readonly run: ActionRun | null;
  /** Redacted by the host: the end of it where it was long. */
  readonly text: string;
  /** Something of what it printed is not in the text. */
  readonly incomplete: boolean;
}

/** A run while somebody looks at it. */
export interface RunFeed {
  /** Reads on after it failed. */
  again(): void;
  close(): void;
}
