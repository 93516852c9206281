import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import * as z from 'zod';
import type { AuthenticationJson, RegistrationJson } from '../../../contract/proof.ts';
import { CHALLENGE_MS, type Page } from './challenges.ts';
import type { StoredPasskey } from './passkey-store.ts';

/** EdDSA, ES256, RS256: COSE numbers, in order of preference. */
const ALGORITHMS = [-8, -7, -257];

/** What a browser says that it signed (WebAuthn level 3, section 5.8.1); it may add to it. */
const ClientData = z.looseObject({
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
});

/** An answer of an authenticator that does not hold. The message is for the log, not for the one who sent it. */
export class BadCeremony extends Error {}

interface Asked {
  readonly challenge: Uint8Array;
  readonly page: Page;
}

export interface NewPasskey {
  readonly id: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly backedUp: boolean;
}

/** Options for `navigator.credentials.create`: discoverable, with user verification, without attestation. */
export async function registrationOptions(
  { challenge, page }: Asked,
  owner: { readonly handle: string; readonly name: string },
  known: readonly StoredPasskey[],
): Promise<Record<string, unknown>> {
  const options = await generateRegistrationOptions({
    rpName: 'Signalbox',
    rpID: page.rpId,
    userID: isoBase64URL.toBuffer(owner.handle),
    userName: owner.name,
    userDisplayName: owner.name,
    challenge: new Uint8Array(challenge),
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    excludeCredentials: known.map(({ passkey }) => ({ id: passkey.id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return { ...options };
}

/** Options for `navigator.credentials.get` with the passkeys of this page. */
export async function authenticationOptions(
  { challenge, page }: Asked,
  known: readonly StoredPasskey[],
): Promise<Record<string, unknown>> {
  const options = await generateAuthenticationOptions({
    rpID: page.rpId,
    challenge: new Uint8Array(challenge),
    timeout: CHALLENGE_MS,
    userVerification: 'required',
    allowCredentials: known.map(({ passkey }) => ({ id: passkey.id })),
  });
  return { ...options };
}

/** @throws BadCeremony for whatever does not hold */
export async function checkRegistration(
  given: RegistrationJson,
  { challenge, page }: Asked,
): Promise<NewPasskey> {
  return judged(async () => {
    sameOriginOnly(given.response.clientDataJSON);
    const format = decodeAttestationObject(isoBase64URL.toBuffer(given.response.attestationObject)).get(
      'fmt',
    );
    // We ask for none. An authenticator may still vouch for itself; chains of certificates are not even read.
    if (format !== 'none' && format !== 'packed') throw new BadCeremony(`attestation ${format}`);
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: given as unknown as RegistrationResponseJSON,
      expectedChallenge: isoBase64URL.fromBuffer(new Uint8Array(challenge)),
      expectedOrigin: page.origin,
      expectedRPID: page.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) throw new BadCeremony('the attestation does not hold');
    const { credential, credentialDeviceType } = registrationInfo;
    if (credential.id !== given.id)
      throw new BadCeremony('the id is not the one that the authenticator signed');
    return {
      id: credential.id,
      publicKey: isoBase64URL.fromBuffer(credential.publicKey),
      counter: credential.counter,
      backedUp: credentialDeviceType === 'multiDevice',
    };
  });
}

/**
 * Checks an assertion with a known passkey.
 * @returns the new counter
 * @throws BadCeremony for whatever does not hold
 */
export async function checkAuthentication(
  given: AuthenticationJson,
  { challenge, page }: Asked,
  { passkey, publicKey, counter }: StoredPasskey,
  userHandle: string,
): Promise<number> {
  return judged(async () => {
    sameOriginOnly(given.response.clientDataJSON);
    const named = given.response.userHandle;
    if (named !== undefined && named !== '' && named !== userHandle) throw new BadCeremony('another user');
    if (passkey.rpId !== page.rpId) throw new BadCeremony('a passkey of another page');
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given as unknown as AuthenticationResponseJSON,
      expectedChallenge: isoBase64URL.fromBuffer(new Uint8Array(challenge)),
      expectedOrigin: page.origin,
      expectedRPID: page.rpId,
      credential: { id: passkey.id, publicKey: isoBase64URL.toBuffer(publicKey), counter },
      requireUserVerification: true,
    });
    if (!verified || !authenticationInfo.userVerified) throw new BadCeremony('the signature does not hold');
    // Whether a passkey can be copied is settled when it is made (section 6.1.3).
    if ((authenticationInfo.credentialDeviceType === 'multiDevice') !== passkey.backedUp) {
      throw new BadCeremony('it can be copied now and could not before, or the other way round');
    }
    return authenticationInfo.newCounter;
  });
}

/** A page in a frame of another site never speaks for the owner; not all checks of the library mind it. */
function sameOriginOnly(clientDataJSON: string): void {
  const text = Buffer.from(clientDataJSON, 'base64url').toString('utf8');
  if (!ClientData.safeParse(JSON.parse(text)).success)
    throw new BadCeremony('made in a frame of another site');
}

/** The library throws plain errors for whatever is wrong; hostile bytes may make it throw anything. */
async function judged<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw new BadCeremony(error instanceof Error ? error.message : 'not an answer of an authenticator');
  }
}
