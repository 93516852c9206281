import { createHash } from 'node:crypto';
import { HostError } from '../../../contract/errors.ts';
import type { StepUpPurpose } from '../../../contract/presence.ts';
import type { Caller } from '../../kernel/caller.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';

export const CHALLENGE_MS = 60_000;
const LABEL = 'signalbox/stepup/v1';
const MOST_OPEN = 256;
const MOST_OF_ONE = 16;

export type Purpose = StepUpPurpose | { readonly kind: 'registration' };

/** The page at which a ceremony was begun: what its answer must name. */
export interface Page {
  readonly origin: string;
  readonly rpId: string;
}

export interface Challenge {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly page: Page | null;
  readonly expiresAt: string;
}

interface Open extends Challenge {
  readonly owner: object | string;
  readonly principal: string;
  readonly purpose: string;
  readonly until: number;
}

export interface Challenges {
  begin(caller: Caller, purpose: Purpose, page: Page | null): Challenge;
  /**
   * Hands a challenge out for its one try: whatever comes of it, it is gone.
   * @throws HostError `expired` for one that is gone or too old, `not_permitted` for one of another caller or purpose
   */
  take(caller: Caller, id: string, purpose: Purpose): Challenge;
  clear(): void;
}

/**
 * Who a challenge belongs to. A device is known by its key, and may answer on its next connection. All browsers share
 * one principal, so an owner's challenge is good for the very connection that asked.
 */
export function sessionOf(caller: Caller): object | string {
  return caller.deviceId === null ? caller : caller.principal;
}

/** Open challenges, in memory only: a restart ends them all. */
export function createChallenges({ clock, random }: { clock: Clock; random: RandomSource }): Challenges {
  const open = new Map<string, Open>();

  function makeRoom(principal: string): void {
    for (const [id, { until }] of open) if (until <= clock.monotonic()) open.delete(id);
    const own = [...open.values()].filter((one) => one.principal === principal);
    if (own.length >= MOST_OF_ONE && own[0]) open.delete(own[0].id);
    if (open.size >= MOST_OPEN)
      throw new HostError('too_many', 'too many proofs are under way; wait a minute');
  }

  return {
    begin(caller, purpose, page) {
      makeRoom(caller.principal);
      const challenge: Open = {
        id: random.id(),
        bytes: challengeBytes(purpose, random.bytes(32)),
        page,
        expiresAt: instant(clock.now() + CHALLENGE_MS),
        owner: sessionOf(caller),
        principal: caller.principal,
        purpose: purposeText(purpose),
        until: clock.monotonic() + CHALLENGE_MS,
      };
      open.set(challenge.id, challenge);
      return challenge;
    },
    take(caller, id, purpose) {
      const challenge = open.get(id);
      open.delete(id);
      if (!challenge || challenge.until <= clock.monotonic()) {
        throw new HostError('expired', 'this challenge was used or has run out; ask for a new one');
      }
      if (challenge.owner !== sessionOf(caller)) {
        throw new HostError('not_permitted', 'this challenge was made for another session');
      }
      if (challenge.purpose !== purposeText(purpose)) {
        throw new HostError('not_permitted', 'this challenge was made for something else');
      }
      return challenge;
    },
    clear: () => open.clear(),
  };
}

/** SHA-256 over the label, what the proof is for, and 32 random bytes: a proof for one thing fits no other. */
function challengeBytes(purpose: Purpose, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(
    createHash('sha256')
      .update(`${LABEL}\0${purposeText(purpose)}\0`)
      .update(nonce)
      .digest(),
  );
}

/** Fields are joined by a byte that none of them can hold. */
function purposeText(purpose: Purpose): string {
  if (purpose.kind === 'approval') return ['approval', purpose.approvalId, purpose.actionHash].join('\0');
  if (purpose.kind === 'rule' || purpose.kind === 'rule-removal')
    return [purpose.kind, purpose.ruleSha256].join('\0');
  return purpose.kind;
}
