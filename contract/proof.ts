import * as z from 'zod';

/**
 * How a person can show that they are there. `webauthn`: a passkey, with user verification. `device-p256`: the key of
 * a paired phone, behind its biometrics. `os-prompt`: the system's own prompt on this desktop.
 */
export const ProofKind = z.enum(['webauthn', 'device-p256', 'os-prompt']);
export type ProofKind = z.infer<typeof ProofKind>;

const Base64Url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/);
export const ChallengeId = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);

/** The answer of an authenticator, as `navigator.credentials.get` gives it and the JSON form of WebAuthn level 3 writes it. */
export const AuthenticationJson = z.strictObject({
  id: Base64Url(1024),
  rawId: Base64Url(1024),
  response: z.strictObject({
    clientDataJSON: Base64Url(4096),
    authenticatorData: Base64Url(4096),
    signature: Base64Url(2048),
    userHandle: Base64Url(128).optional(),
  }),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  type: z.literal('public-key'),
});
export type AuthenticationJson = z.infer<typeof AuthenticationJson>;

/** The answer of an authenticator to a registration. */
export const RegistrationJson = z.strictObject({
  id: Base64Url(1024),
  rawId: Base64Url(1024),
  response: z.strictObject({
    clientDataJSON: Base64Url(4096),
    attestationObject: Base64Url(16_384),
    authenticatorData: Base64Url(4096).optional(),
    transports: z.array(z.string().max(32)).max(8).optional(),
    publicKeyAlgorithm: z.int().optional(),
    publicKey: Base64Url(4096).optional(),
  }),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  type: z.literal('public-key'),
});
export type RegistrationJson = z.infer<typeof RegistrationJson>;

/** A proof of presence for one challenge. The host looks up what the challenge was for; nobody states it here. */
export const PresenceProof = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webauthn'), challengeId: ChallengeId, response: AuthenticationJson }),
  z.strictObject({
    kind: z.literal('device-p256'),
    challengeId: ChallengeId,
    /** base64url of the raw P-256 signature over the challenge. */
    signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  }),
  /** The host itself raises the prompt when it reads this. */
  z.strictObject({ kind: z.literal('os-prompt'), challengeId: ChallengeId }),
]);
export type PresenceProof = z.infer<typeof PresenceProof>;
