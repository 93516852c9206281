import { derivePairing } from '../../../contract/channel/pairing-text.ts';
import type { DeviceScope } from '../../../contract/identity.ts';
import type { Clock, RandomSource } from '../../kernel/ports.ts';

export const INVITATION_MS = 120_000;
const MAX_FAILURES = 3;
const REMEMBER_USED_MS = 24 * 3_600_000;

export interface OpenInvitation {
  readonly id: string;
  readonly scope: DeviceScope;
  readonly secret: Uint8Array;
  readonly deadline: number;
}

/** What became of a claim on an invitation. */
export type ClaimOutcome =
  | {
      readonly outcome: 'admitted';
      readonly id: string;
      readonly scope: DeviceScope;
      readonly again: boolean;
    }
  | { readonly outcome: 'refused' }
  /** Somebody else had used this code: worth an alarm. */
  | { readonly outcome: 'reused' };

export interface Invitations {
  create(scope: DeviceScope): OpenInvitation;
  cancel(): void;
  /** The pre-shared key of an invitation, while it can still be used or retried. */
  pskFor(pairId: string): Uint8Array | null;
  /** Uses the invitation up. Synchronous: of two phones in a race exactly one is admitted. */
  claim(pairId: string, publicKey: string): ClaimOutcome;
  /** A handshake that did not prove its claim. */
  failed(pairId: string): ClaimOutcome;
}

interface Entry extends OpenInvitation {
  readonly pairId: string;
  readonly psk: Uint8Array;
  failures: number;
  boundKey: string | null;
}

/**
 * One-time codes, in memory only: a restart ends them all. Deadlines are monotonic, so that a changed wall clock
 * neither revives nor ends one. A code is used up in the tick that proves the first phone; the same phone may
 * finish until the deadline (its answer may have been lost), any other is refused and reported.
 */
export function createInvitations(deps: {
  clock: Clock;
  random: RandomSource;
  hostPublicKey: Uint8Array;
}): Invitations {
  const { clock, random, hostPublicKey } = deps;
  let current: Entry | null = null;
  const used = new Map<string, number>();

  function live(pairId: string): Entry | null {
    if (current?.pairId !== pairId) return null;
    return clock.monotonic() < current.deadline ? current : null;
  }

  function wasUsed(pairId: string): boolean {
    const now = clock.monotonic();
    for (const [id, at] of used) if (now - at > REMEMBER_USED_MS) used.delete(id);
    return used.has(pairId);
  }

  return {
    create(scope) {
      const secret = random.bytes(16);
      const { pairId, pairPsk } = derivePairing({ hostPublicKey, secret });
      current = {
        id: random.id(),
        scope,
        secret,
        deadline: clock.monotonic() + INVITATION_MS,
        pairId: Buffer.from(pairId).toString('hex'),
        psk: pairPsk,
        failures: 0,
        boundKey: null,
      };
      return current;
    },
    cancel() {
      current = null;
    },
    pskFor: (pairId) => live(pairId)?.psk ?? null,
    claim(pairId, publicKey) {
      const entry = live(pairId);
      if (entry === null) return { outcome: wasUsed(pairId) ? 'reused' : 'refused' };
      if (entry.boundKey !== null && entry.boundKey !== publicKey) return { outcome: 'reused' };
      const again = entry.boundKey === publicKey;
      entry.boundKey = publicKey;
      used.set(pairId, clock.monotonic());
      return { outcome: 'admitted', id: entry.id, scope: entry.scope, again };
    },
    failed(pairId) {
      const entry = live(pairId);
      if (entry === null) return { outcome: wasUsed(pairId) ? 'reused' : 'refused' };
      entry.failures += 1;
      if (entry.failures >= MAX_FAILURES && entry.boundKey === null) current = null;
      return { outcome: 'refused' };
    },
  };
}
