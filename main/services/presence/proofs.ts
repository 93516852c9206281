import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { StepUpPurpose } from '../../../contract/presence.ts';
import type { PresenceProof, ProofKind } from '../../../contract/proof.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { isOwner, type Caller } from '../../kernel/caller.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { createAttempts } from './attempts.ts';
import { sessionOf, type Challenge, type Challenges } from './challenges.ts';
import type { PasskeyStore } from './passkey-store.ts';
import type { DeviceKeys, OsPrompt } from './ports.ts';

const RECENT_MS = 5 * 60_000;
export const AT_THE_DESKTOP = 'owner:desktop';

interface Proven {
  readonly kind: ProofKind;
  readonly at: number;
}

export interface ProofsDeps {
  store: PasskeyStore;
  challenges: Challenges;
  attempts: ReturnType<typeof createAttempts>;
  clock: Clock;
  audit: Auditor;
  publish(event: HostEvent): void;
  devices: DeviceKeys;
  osPrompt: OsPrompt;
  userHandle(): string;
}

/** Checks proofs, each for the purpose of its challenge, and remembers for five minutes who gave one. */
export function createProofs(deps: ProofsDeps) {
  const { store, challenges, attempts, clock, audit, publish, devices, osPrompt, userHandle } = deps;
  let bySession = new WeakMap<object, Proven>();
  // Counts the recoveries: what was begun before one proves nothing after it.
  let generation = 0;
  const byDevice = new Map<string, Proven>();

  const note = (caller: Caller, type: string, object: string, kind: ProofKind) =>
    audit.append({ actor: caller.principal, type, object, facts: { kind } });

  /** What this caller can do. A passkey counts for every carrier of the owner, so that none leads around it. */
  function kindsOf(caller: Caller): ProofKind[] {
    if (caller.deviceId !== null) return ['device-p256'];
    if (!isOwner(caller)) return [];
    const prompt = caller.principal === AT_THE_DESKTOP && osPrompt.available();
    return [
      ...(store.all().length > 0 ? ['webauthn' as const] : []),
      ...(prompt ? ['os-prompt' as const] : []),
    ];
  }

  function recent(caller: Caller, kinds?: readonly ProofKind[]): ProofKind | null {
    const session = sessionOf(caller);
    const last = typeof session === 'string' ? byDevice.get(session) : bySession.get(session);
    if (!last || clock.monotonic() - last.at > RECENT_MS) return null;
    return kinds === undefined || kinds.includes(last.kind) ? last.kind : null;
  }

  async function holds(
    caller: Caller,
    proof: PresenceProof,
    challenge: Challenge,
    reason: string,
  ): Promise<boolean> {
    if (proof.kind === 'device-p256')
      return caller.deviceId !== null && devices.isSigned(caller.deviceId, challenge.bytes, proof.signature);
    if (proof.kind === 'os-prompt')
      return caller.principal === AT_THE_DESKTOP && osPrompt.available() && osPrompt.confirm(reason);
    const stored = store.get(proof.response.id);
    if (challenge.page === null || stored === null || !isOwner(caller)) return false;
    const { BadCeremony, checkAuthentication } = await import('./ceremonies.ts');
    try {
      const asked = { challenge: challenge.bytes, page: challenge.page };
      const counter = await checkAuthentication(proof.response, asked, stored, userHandle());
      const passkey = { ...stored.passkey, lastUsedAt: instant(clock.now()) };
      if (!store.used(passkey, stored.counter, counter)) return false;
      publish({ type: 'passkey.changed', passkey });
      return true;
    } catch (error) {
      if (error instanceof BadCeremony) return false;
      throw error;
    }
  }

  async function verify(caller: Caller, proof: PresenceProof, purpose: StepUpPurpose): Promise<ProofKind> {
    const attempt = attempts.begin(caller.principal);
    const began = generation;
    const object = purpose.kind === 'approval' ? purpose.approvalId : purpose.kind;
    try {
      const challenge = challenges.take(caller, proof.challengeId, purpose);
      if (!(await holds(caller, proof, challenge, reasonOf(purpose))))
        throw new HostError('not_permitted', 'this did not prove that you are there');
      if (generation !== began) throw overtaken();
    } catch (error) {
      attempt.failed();
      await note(caller, 'presence.refused', object, proof.kind).catch(() => {});
      throw error;
    }
    attempt.held();
    await note(caller, 'presence.proven', object, proof.kind);
    // Looked at once more: everything may have been forgotten while it was written down.
    if (generation !== began) throw overtaken();
    const session = sessionOf(caller);
    const now = { kind: proof.kind, at: clock.monotonic() };
    if (typeof session === 'string') byDevice.set(session, now);
    else bySession.set(session, now);
    return proof.kind;
  }

  return {
    kindsOf,
    recent,
    verify,
    /** Which stretch between two recoveries this is. */
    generation: () => generation,
    /** Nobody has proven anything: after a recovery. */
    forget(): void {
      generation += 1;
      bySession = new WeakMap();
      byDevice.clear();
    },
  };
}

/** The passkeys that there were are gone, and with them whatever one of them has proven. */
export function overtaken(): HostError {
  return new HostError('expired', 'the recovery code was used meanwhile; begin anew');
}

function reasonOf(purpose: StepUpPurpose): string {
  switch (purpose.kind) {
    case 'approval':
      return 'allow what an agent asks for';
    case 'rule':
      return 'put a rule in force';
    case 'rule-removal':
      return 'take a rule out of force';
    case 'presence':
      return 'change how you prove that you are there';
  }
}
