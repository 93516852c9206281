import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { ApprovalId, DisplayName, Instant, Sha256Hex } from './ids.ts';
import { ChallengeId, PresenceProof, ProofKind, RegistrationJson } from './proof.ts';

export const PasskeyId = z.string().regex(/^[A-Za-z0-9_-]{1,1024}$/);

/** A passkey of the owner. The public key stays on the host; nothing here is secret. */
export const Passkey = z.strictObject({
  id: PasskeyId,
  name: DisplayName,
  /** The relying party that it was made for: `localhost`, or the name of a stable tunnel. */
  rpId: z.string().max(253),
  /** Kept by the provider in more than one place: less of a proof than one that never leaves a device. */
  backedUp: z.boolean(),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
});
export type Passkey = z.infer<typeof Passkey>;

/** Whether a passkey can be used at an address, and if not, why and what would work instead. */
export const PasskeySupport = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('available'), rpId: z.string() }),
  z.strictObject({
    state: z.literal('unavailable'),
    reason: z.enum(['quick-tunnel', 'address', 'not-this-screen', 'other-site']),
    message: z.string(),
  }),
]);
export type PasskeySupport = z.infer<typeof PasskeySupport>;

export const StepUpPurpose = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('approval'), approvalId: ApprovalId, actionHash: Sha256Hex }),
  z.strictObject({ kind: z.literal('rule'), ruleSha256: Sha256Hex }),
  z.strictObject({ kind: z.literal('rule-removal'), ruleSha256: Sha256Hex }),
  /** Nothing but being there: before what proves presence is changed. */
  z.strictObject({ kind: z.literal('presence') }),
]);
export type StepUpPurpose = z.infer<typeof StepUpPurpose>;

/** Options of `navigator.credentials.get`, in the JSON form of WebAuthn level 3; made by the host, used as they are. */
const WebAuthnOptions = z.record(z.string(), z.unknown());

export const presenceCommands = {
  'presence.status': command({
    capability: 'view',
    risk: 'none',
    summary: 'Which ways of proving that a person is there exist, at this address and for this caller.',
    input: z.strictObject({ origin: z.string().max(512).optional() }),
    output: z.strictObject({
      passkeys: z.array(Passkey),
      support: PasskeySupport,
      osPrompt: z.enum(['available', 'unavailable']),
      recoveryCode: z.enum(['none', 'made']),
    }),
  }),
  'presence.beginRegistration': command({
    capability: 'own',
    risk: 'low',
    summary: 'Begin to add a passkey: options for the browser, good for one minute.',
    input: z.strictObject({ origin: z.string().max(512) }),
    output: z.strictObject({ challengeId: ChallengeId, options: WebAuthnOptions, expiresAt: Instant }),
  }),
  'presence.finishRegistration': command({
    capability: 'own',
    risk: 'high',
    summary: 'Add the passkey that the browser made.',
    input: z.strictObject({ challengeId: ChallengeId, name: DisplayName, response: RegistrationJson }),
    output: Passkey,
  }),
  'presence.renamePasskey': command({
    capability: 'own',
    risk: 'low',
    summary: 'Give a passkey another name.',
    input: z.strictObject({ passkeyId: PasskeyId, name: DisplayName }),
    output: Passkey,
  }),
  'presence.removePasskey': command({
    capability: 'own',
    risk: 'high',
    summary: 'Forget a passkey.',
    input: z.strictObject({ passkeyId: PasskeyId }),
    output: Nothing,
  }),
  'presence.beginStepUp': command({
    capability: 'approve',
    risk: 'none',
    summary: 'A challenge for one purpose: bound to what is approved, good for one try within a minute.',
    input: z.strictObject({ purpose: StepUpPurpose, origin: z.string().max(512).optional() }),
    output: z.strictObject({
      challengeId: ChallengeId,
      /** base64url of the 32 bytes that are signed. */
      challenge: z.string(),
      expiresAt: Instant,
      kinds: z.array(ProofKind),
      webauthn: WebAuthnOptions.nullable(),
    }),
  }),
  'presence.prove': command({
    capability: 'own',
    risk: 'low',
    summary: 'Show that you are there, to be let change what proves it for the next five minutes.',
    input: z.strictObject({ proof: PresenceProof }),
    output: z.strictObject({ kind: ProofKind }),
  }),
  'presence.openPage': command({
    capability: 'own',
    risk: 'low',
    summary: 'The address of the dashboard on this machine at which a passkey works; served from then on.',
    input: Nothing,
    output: z.strictObject({ url: z.url() }),
  }),
  'presence.createRecoveryCode': command({
    capability: 'own',
    risk: 'high',
    summary: 'Make a recovery code, shown once. An earlier one ends.',
    input: Nothing,
    output: z.strictObject({ code: z.string() }),
  }),
  'presence.recover': command({
    capability: 'own',
    risk: 'high',
    summary: 'Use the recovery code: every passkey is forgotten, so that a new one can be added.',
    input: z.strictObject({ code: z.string().max(128) }),
    output: z.strictObject({ removed: z.int() }),
  }),
};

export const PasskeyChanged = z.strictObject({ type: z.literal('passkey.changed'), passkey: Passkey });
export const PasskeyRemoved = z.strictObject({ type: z.literal('passkey.removed'), passkeyId: PasskeyId });
