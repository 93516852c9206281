import type { InputOf } from '../../contract/commands.ts';
import type { PresenceProof } from '../../contract/proof.ts';
import { fromBase64url, toBase64url } from './base64url.ts';
import type { HostLink } from './host-link.ts';
import type { ApprovalKey } from './key-types.ts';

type Purpose = InputOf<'presence.beginStepUp'>['purpose'];

/** A challenge of the host that waits for this device's signature. */
export interface Challenge {
  readonly bytes: Uint8Array;
  proof(signature: Uint8Array): PresenceProof;
}

/** Something that was not sent, and why; its message is for the person. */
export class NotSent extends Error {}

/** Asks the host for a challenge for this one purpose. It is good for one signature within a minute. */
export async function beginStepUp(link: HostLink, purpose: Purpose): Promise<Challenge> {
  const answer = await link.call('presence.beginStepUp', { purpose });
  if (answer.kind !== 'done') {
    throw new NotSent(answer.kind === 'refused' ? answer.why : 'The host gave no challenge.');
  }
  const { challenge, challengeId, kinds } = answer.value;
  if (!kinds.includes('device-p256')) {
    throw new NotSent('The host asks for a passkey here. Answer on the desktop. Nothing was signed.');
  }
  const bytes = fromBase64url(challenge);
  if (bytes.length !== 32) throw new NotSent('The challenge of the host is damaged. Nothing was signed.');
  return {
    bytes,
    proof: (signature) => ({ kind: 'device-p256', challengeId, signature: toBase64url(signature) }),
  };
}

/** Signs the statement, and the challenge where there is one: the person is asked once for both. */
export async function signBoth(
  key: ApprovalKey,
  statement: Uint8Array,
  challenge: Challenge | undefined,
): Promise<{ readonly signature: string; readonly presence?: PresenceProof }> {
  const [first, second] = await key.sign(challenge ? [statement, challenge.bytes] : [statement]);
  if (!first || (challenge && !second)) throw new NotSent('Nothing was signed.');
  return {
    signature: toBase64url(first),
    ...(challenge && second && { presence: challenge.proof(second) }),
  };
}
