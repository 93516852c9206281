import { derivePairing } from '../../../contract/channel/pairing-text.ts';
import type { DeviceScope } from '../../../contract/identity.ts';
import type { Clock, KeepSecret, RandomSource } from '../../kernel/ports.ts';
import {
  OPEN,
  stepInvitation,
  type InvitationAnswer,
  type InvitationEvent,
  type InvitationState,
} from './pairing-machine.ts';

export const INVITATION_MS = 120_000;
const REMEMBER_MS = 24 * 3_600_000;

export interface Made {
  readonly id: string;
  readonly scope: DeviceScope;
  /** 16 bytes. */
  readonly secret: Uint8Array;
}

/** What became of a handshake that named an invitation. */
export interface Answer {
  readonly answer: InvitationAnswer;
  /** Null when no such invitation is remembered. */
  readonly invitation: Invited | null;
}

export interface Invited {
  readonly id: string;
  readonly scope: DeviceScope;
  readonly hostPublicKey: Uint8Array;
  readonly state: InvitationState['state'];
}

export interface Invitations {
  /** Makes the one open invitation; an earlier one is cancelled. */
  create(scope: DeviceScope, hostPublicKey: Uint8Array): Made;
  cancel(): void;
  /** The pre-shared key of an invitation, while it can still be used or retried. */
  pskFor(pairId: string): Uint8Array | null;
  /** Uses the invitation up. Synchronous: of two phones in a race exactly one is admitted. */
  proven(pairId: string, key: string): Answer;
  /** A handshake that named the invitation and did not prove it. */
  unproven(pairId: string, key: string): Answer;
}

interface Entry extends Made {
  readonly pairId: string;
  readonly psk: Uint8Array;
  readonly hostPublicKey: Uint8Array;
  /** Monotonic. */
  readonly deadline: number;
  now: InvitationState;
}

/**
 * One-time codes, in memory only: a restart ends them all. Deadlines are monotonic, so that a changed wall clock
 * neither revives nor ends one. What may happen to one is in pairing-machine.ts; here it is only kept. An ended one
 * is remembered for a day, so that a second phone with it is noticed.
 */
export function createInvitations(deps: {
  clock: Clock;
  random: RandomSource;
  keepSecret?: KeepSecret | undefined;
}): Invitations {
  const { clock, random, keepSecret } = deps;
  const known = new Map<string, Entry>();
  let current: Entry | null = null;

  function step(entry: Entry, event: InvitationEvent): InvitationAnswer {
    const { next, answer } = stepInvitation(entry.now, event);
    entry.now = next;
    if (next.state === 'burned' || next.state === 'expired') entry.psk.fill(0);
    return answer;
  }

  function find(pairId: string): Entry | null {
    const now = clock.monotonic();
    for (const entry of known.values()) {
      if (now >= entry.deadline) step(entry, { type: 'deadline' });
      if (now - entry.deadline > REMEMBER_MS) known.delete(entry.pairId);
    }
    return known.get(pairId) ?? null;
  }

  function answer(pairId: string, event: InvitationEvent): Answer {
    const entry = find(pairId);
    if (!entry) return { answer: 'refuse', invitation: null };
    const given = step(entry, event);
    const { id, scope, hostPublicKey } = entry;
    return { answer: given, invitation: { id, scope, hostPublicKey, state: entry.now.state } };
  }

  function cancel(): void {
    if (current) step(current, { type: 'cancelled' });
    current = null;
  }

  return {
    create(scope, hostPublicKey) {
      cancel();
      const secret = random.bytes(16);
      const { pairId, pairPsk } = derivePairing({ hostPublicKey, secret });
      keepSecret?.(secret);
      keepSecret?.(pairPsk);
      const made = { id: random.id(), scope, secret };
      current = {
        ...made,
        pairId: Buffer.from(pairId).toString('hex'),
        psk: pairPsk,
        hostPublicKey,
        deadline: clock.monotonic() + INVITATION_MS,
        now: OPEN,
      };
      known.set(current.pairId, current);
      return made;
    },
    cancel,
    pskFor(pairId) {
      const entry = find(pairId);
      const usable = entry?.now.state === 'open' || entry?.now.state === 'consumed';
      // A copy: ours is wiped when the code ends, which may be in the middle of a handshake.
      return usable ? Uint8Array.from(entry.psk) : null;
    },
    proven: (pairId, key) => answer(pairId, { type: 'proven', key }),
    unproven: (pairId, key) => answer(pairId, { type: 'unproven', key }),
  };
}
