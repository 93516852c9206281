import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Passkey } from '../../../contract/presence.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { createAttempts } from './attempts.ts';
import type { Challenges } from './challenges.ts';
import type { PasskeyStore } from './passkey-store.ts';
import { overtaken } from './proofs.ts';

export interface RegistrationDeps {
  store: PasskeyStore;
  challenges: Challenges;
  attempts: ReturnType<typeof createAttempts>;
  clock: Clock;
  note(caller: Caller, type: string, object: string, facts?: Record<string, string>): Promise<void>;
  publish(event: HostEvent): void;
  /** Which stretch between two recoveries this is. */
  generation(): number;
  /** @throws HostError `refused` while a passkey exists and this caller has proven nothing lately */
  needRecent(caller: Caller, what: string): void;
}

/** Takes up a new passkey: what the browser made, for the page and the challenge that it was begun with. */
export async function finishRegistration(
  deps: RegistrationDeps,
  input: Parameters<HandlersOf<'presence'>['presence.finishRegistration']>[0],
  caller: Caller,
): Promise<Passkey> {
  const { store, challenges, attempts, clock, note, publish, needRecent } = deps;
  const attempt = attempts.begin(caller.principal);
  const began = deps.generation();
  const { BadCeremony, checkRegistration } = await import('./ceremonies.ts');
  try {
    const { bytes, page } = challenges.take(caller, input.challengeId, { kind: 'registration' });
    if (page === null) throw new HostError('not_permitted', 'this challenge was made for something else');
    const made = await checkRegistration(input.response, { challenge: bytes, page });
    if (store.get(made.id) !== null) throw new HostError('conflict', 'this passkey is known already');
    // One may have been added since this was begun, when there was none and nothing had to be proven.
    needRecent(caller, 'another passkey');
    const { id, backedUp, publicKey, counter } = made;
    const createdAt = instant(clock.now());
    const passkey: Passkey = {
      id,
      name: input.name,
      rpId: page.rpId,
      backedUp,
      createdAt,
      lastUsedAt: null,
    };
    await note(caller, 'passkey.added', id, { rpId: page.rpId });
    // A recovery forgets what was begun before it: with no passkey left, nothing else would keep this one out.
    if (deps.generation() !== began) throw overtaken();
    attempt.held();
    // A code from before the first passkey may have been laid in wait by somebody else.
    if (store.all().length === 0) store.setRecoveryHash(null);
    store.insert({ passkey, publicKey, counter });
    publish({ type: 'passkey.changed', passkey });
    return passkey;
  } catch (error) {
    attempt.failed();
    await note(caller, 'presence.refused', 'registration').catch(() => {});
    if (error instanceof BadCeremony)
      throw new HostError('not_permitted', 'what the browser sent is no new passkey for this page');
    throw error;
  }
}
