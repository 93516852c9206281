import { HostError } from '../../../contract/errors.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { RandomSource } from '../../kernel/ports.ts';
import { isRecoveryCode, recoveryHash, writeRecoveryCode } from './recovery-code.ts';
import type { RegistrationDeps } from './registration.ts';

export interface RecoveryDeps extends Omit<RegistrationDeps, 'clock' | 'generation'> {
  random: RandomSource;
  keepSecret(value: string): void;
  /** Nobody has proven anything any more. */
  forget(): void;
}

/** The code for the day on which no passkey is at hand: made once, used once, and then every passkey is gone. */
export function recoveryHandlers(
  deps: RecoveryDeps,
): Pick<HandlersOf<'presence'>, 'presence.createRecoveryCode' | 'presence.recover'> {
  const { store, challenges, attempts, random, note, publish, needRecent } = deps;
  return {
    'presence.createRecoveryCode': async (_input, caller) => {
      needRecent(caller, 'a recovery code');
      const bytes = random.bytes(32);
      const code = writeRecoveryCode(bytes);
      deps.keepSecret(code);
      await note(caller, 'recovery.code-made', 'owner');
      store.setRecoveryHash(recoveryHash(bytes));
      return { code };
    },
    'presence.recover': async ({ code }, caller) => {
      const attempt = attempts.begin(caller.principal);
      const kept = store.recoveryHash();
      if (kept === null || !isRecoveryCode(code, kept)) {
        attempt.failed();
        await note(caller, 'recovery.code-refused', 'owner').catch(() => {});
        throw new HostError('not_permitted', 'this is not the recovery code, or it was used');
      }
      attempt.held();
      await note(caller, 'recovery.code-used', 'owner');
      // Looked at once more: the same code may have been used, or another one made, while it was written down.
      if (store.recoveryHash() !== kept)
        throw new HostError('conflict', 'this recovery code was used or replaced just now');
      const removed = store.all();
      store.reset();
      deps.forget();
      challenges.clear();
      for (const { passkey } of removed) publish({ type: 'passkey.removed', passkeyId: passkey.id });
      return { removed: removed.length };
    },
  };
}
