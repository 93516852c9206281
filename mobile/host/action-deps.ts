import type { CommandName } from '../../contract/commands.ts';
import type { HostBook } from './host-book.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { HostLink } from './host-link.ts';
import type { ApprovalKey } from './key-types.ts';
import type { DrawBytes } from './random.ts';
import type { Delivery } from './views.ts';

/** What carrying out an action needs of one host and of this device. */
export interface ActionDeps {
  readonly link: HostLink;
  readonly hostId: string;
  readonly book: HostBook;
  readonly random: DrawBytes;
  readonly approvalKey: () => Promise<ApprovalKey | undefined>;
  /** Whether the app is what the person looks at: not behind a lock screen, not in the background. */
  inFront(): boolean;
  now(): number;
}

/** How an action ended. */
export type Outcome =
  | Exclude<Delivery, { readonly kind: 'sending' | 'queued' | 'sent' | 'unknown' }>
  | { readonly kind: 'unknown' };

export const refused = (why: string): Outcome => ({ kind: 'refused', why });

export function settled(outcome: CallOutcome<CommandName>): Outcome {
  return outcome.kind === 'done' ? { kind: 'done' } : outcome;
}
