import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Passkey, StepUpPurpose } from '../../../contract/presence.ts';
import type { PresenceProof, ProofKind } from '../../../contract/proof.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { isOwner, type Caller } from '../../kernel/caller.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Clock, RandomSource } from '../../kernel/ports.ts';
import { createAttempts } from './attempts.ts';
import { createChallenges, type Page } from './challenges.ts';
import { createPasskeyStore } from './passkey-store.ts';
import type { DeviceKeys, OsPrompt, OwnRules, Sites } from './ports.ts';
import { AT_THE_DESKTOP, createProofs } from './proofs.ts';
import { recoveryHandlers } from './recovery.ts';
import { finishRegistration } from './registration.ts';
import { passkeySupport } from './relying-party.ts';

const MOST_PASSKEYS = 16;

// A host without passkeys never loads the library that checks them.
const ceremonies = () => import('./ceremonies.ts');

export interface PresenceDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  publish(event: HostEvent): void;
  hostName(): string;
  devices: DeviceKeys;
  osPrompt: OsPrompt;
  sites: Sites;
  rules: OwnRules;
  /** A value that must never leave this host in clear. */
  keepSecret(value: string): void;
}

export interface Presence {
  readonly handlers: HandlersOf<'presence'>;
  passkeys(): Passkey[];
  /** The three questions of whoever needs a proof; see the port of the approvals. */
  canProve(caller: Caller, kinds?: readonly ProofKind[]): boolean;
  recent(caller: Caller, kinds?: readonly ProofKind[]): ProofKind | null;
  verify(caller: Caller, proof: PresenceProof, purpose: StepUpPurpose): Promise<ProofKind>;
}

/** Whether a person is there: passkeys, the key of a phone, the prompt of the system. */
export function createPresence(deps: PresenceDeps): Presence {
  const { db, clock, random, audit, publish, devices, osPrompt, sites } = deps;
  const store = createPasskeyStore(db);
  const challenges = createChallenges({ clock, random });
  const attempts = createAttempts(clock);

  const userHandle = () => store.userHandle(() => Buffer.from(random.bytes(32)).toString('base64url'));
  const proofs = createProofs({
    ...{ store, challenges, attempts, clock, audit, publish, devices, osPrompt },
    userHandle,
  });
  const { kindsOf, recent, verify } = proofs;
  const owner = () => ({ handle: userHandle(), name: deps.hostName() });
  const support = (origin: string | undefined) =>
    passkeySupport(origin, { dashboard: sites.dashboard(), tunnel: sites.tunnel() });
  const note = (caller: Caller, type: string, object: string, facts?: Record<string, string>) =>
    audit.append({ actor: caller.principal, type, object, ...(facts && { facts }) });

  /** While a passkey exists, whoever changes what proves presence proves it first. */
  function needRecent(caller: Caller, what: string): void {
    if (store.all().length === 0 || recent(caller) !== null) return;
    throw new HostError('refused', `${what} needs proof that you are there, of the last five minutes`, {
      stepUp: 'recent',
    });
  }

  /** The last passkey stays while a rule accepts no other way that there is. */
  function refuseLast(): void {
    if (store.all().length > 1) return;
    const stuck = deps.rules.get().some(({ need }) => {
      if (need?.stepUp !== 'each' && need?.stepUp !== 'recent') return false;
      const accepts = (kind: ProofKind) => need.kinds?.includes(kind) ?? true;
      const other =
        (accepts('device-p256') && devices.canSign()) || (accepts('os-prompt') && osPrompt.available());
      return accepts('webauthn') && !other;
    });
    if (!stuck) return;
    throw new HostError(
      'refused',
      'a rule of yours needs proof that you are there, and this is the only way left that it accepts; pair a phone or change the rule first',
    );
  }

  function known(passkeyId: string) {
    const stored = store.get(passkeyId);
    if (stored === null) throw new HostError('not_found', 'there is no such passkey');
    return stored;
  }

  const registration = {
    store,
    challenges,
    attempts,
    clock,
    note,
    publish,
    needRecent,
    generation: proofs.generation,
  };
  const recovery = recoveryHandlers({
    ...{ store, challenges, attempts, random, note, publish, needRecent },
    keepSecret: deps.keepSecret,
    forget: proofs.forget,
  });

  return {
    passkeys: () => store.all().map(({ passkey }) => passkey),
    canProve: (caller, kinds) => kindsOf(caller).some((kind) => kinds?.includes(kind) ?? true),
    recent,
    verify,
    handlers: {
      'presence.status': ({ origin }, caller) => ({
        passkeys: isOwner(caller) ? store.all().map(({ passkey }) => passkey) : [],
        support: support(origin),
        osPrompt: caller.principal === AT_THE_DESKTOP && osPrompt.available() ? 'available' : 'unavailable',
        recoveryCode: store.recoveryHash() === null ? 'none' : 'made',
      }),
      'presence.beginRegistration': async ({ origin }, caller) => {
        const found = support(origin);
        if (found.state === 'unavailable')
          throw new HostError('refused', found.message, { reason: found.reason });
        if (store.all().length >= MOST_PASSKEYS)
          throw new HostError('too_many', `there are ${MOST_PASSKEYS} passkeys already; remove one first`);
        needRecent(caller, 'another passkey');
        const page: Page = { origin, rpId: found.rpId };
        const { id, bytes, expiresAt } = challenges.begin(caller, { kind: 'registration' }, page);
        const { registrationOptions } = await ceremonies();
        const options = await registrationOptions({ challenge: bytes, page }, owner(), store.all());
        return { challengeId: id, options, expiresAt };
      },
      'presence.finishRegistration': (input, caller) => finishRegistration(registration, input, caller),
      'presence.renamePasskey': ({ passkeyId, name }) => {
        const passkey = { ...known(passkeyId).passkey, name };
        store.save(passkey);
        publish({ type: 'passkey.changed', passkey });
        return passkey;
      },
      'presence.removePasskey': async ({ passkeyId }, caller) => {
        known(passkeyId);
        needRecent(caller, 'removing a passkey');
        refuseLast();
        await note(caller, 'passkey.removed', passkeyId);
        // Looked at once more: while it was written down, the other one may have been removed.
        refuseLast();
        store.remove(passkeyId);
        publish({ type: 'passkey.removed', passkeyId });
        return {};
      },
      'presence.beginStepUp': async ({ purpose, origin }, caller) => {
        const kinds = kindsOf(caller);
        const found = support(origin);
        const page =
          found.state === 'available' && origin !== undefined ? { origin, rpId: found.rpId } : null;
        const usable = store.all().filter(({ passkey }) => passkey.rpId === page?.rpId);
        const here = kinds.filter((kind) => kind !== 'webauthn' || usable.length > 0);
        if (here.length === 0) {
          const way =
            found.state === 'unavailable' && kinds.length > 0 ? found.message : 'add a passkey first';
          throw new HostError('refused', `there is no way here to prove that you are there: ${way}`);
        }
        const { id, bytes, expiresAt } = challenges.begin(caller, purpose, page);
        const offered = page !== null && here.includes('webauthn');
        const { authenticationOptions } = offered ? await ceremonies() : { authenticationOptions: null };
        return {
          challengeId: id,
          challenge: Buffer.from(bytes).toString('base64url'),
          expiresAt,
          kinds: here,
          webauthn:
            page !== null && authenticationOptions
              ? await authenticationOptions({ challenge: bytes, page }, usable)
              : null,
        };
      },
      'presence.prove': async ({ proof }, caller) => ({
        kind: await verify(caller, proof, { kind: 'presence' }),
      }),
      'presence.openPage': async () => {
        const { port } = new URL(await sites.openDashboard());
        return { url: `http://localhost:${port}/` };
      },
      ...recovery,
    },
  };
}
