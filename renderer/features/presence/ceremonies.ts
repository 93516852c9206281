import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/browser';
import type { CallResult, HostClient } from '../../../contract/client.ts';
import type { CommandName } from '../../../contract/commands.ts';
import type { PresenceProof, RegistrationJson } from '../../../contract/proof.ts';
import { withoutUndefined } from '../approvals/use-step-up.ts';

/**
 * Does what needs a recent proof; where the host asks for one, the person proves that they are there, and it is done
 * once more. A ceremony that the person breaks off throws what the browser says.
 */
export async function withRecentProof<N extends CommandName>(
  client: HostClient,
  act: () => Promise<CallResult<N>>,
): Promise<CallResult<N>> {
  const first = await act();
  if (first.ok || first.error.data?.['stepUp'] !== 'recent') return first;
  const begun = await client.call('presence.beginStepUp', {
    purpose: { kind: 'presence' },
    origin: window.location.origin,
  });
  if (!begun.ok) return begun;
  const { challengeId, kinds, webauthn } = begun.value;
  const proof: PresenceProof =
    webauthn !== null && kinds.includes('webauthn')
      ? {
          kind: 'webauthn',
          challengeId,
          response: withoutUndefined(await startAuthentication({ optionsJSON: asRequest(webauthn) })),
        }
      : { kind: 'os-prompt', challengeId };
  const proven = await client.call('presence.prove', { proof });
  return proven.ok ? act() : proven;
}

/** Has the browser make a passkey for this page, and the host take it up. */
export async function addPasskey(
  client: HostClient,
  name: string,
): Promise<CallResult<'presence.finishRegistration'>> {
  const origin = window.location.origin;
  const begun = await withRecentProof(client, () => client.call('presence.beginRegistration', { origin }));
  if (!begun.ok) return begun;
  const { challengeId, options } = begun.value;
  const made = await startRegistration({
    optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON,
  });
  return client.call('presence.finishRegistration', { challengeId, name, response: plain(made) });
}

const asRequest = (options: object) => options as unknown as PublicKeyCredentialRequestOptionsJSON;

/** Only what the contract knows, and only what is there. */
function plain({
  id,
  rawId,
  response,
  authenticatorAttachment: attachment,
  clientExtensionResults,
}: RegistrationResponseJSON): RegistrationJson {
  const { clientDataJSON, attestationObject, authenticatorData, transports, publicKeyAlgorithm, publicKey } =
    response;
  return {
    id,
    rawId,
    response: {
      clientDataJSON,
      attestationObject,
      ...(authenticatorData !== undefined && { authenticatorData }),
      ...(transports !== undefined && { transports: [...transports] }),
      ...(publicKeyAlgorithm !== undefined && { publicKeyAlgorithm }),
      ...(publicKey !== undefined && { publicKey }),
    },
    ...((attachment === 'platform' || attachment === 'cross-platform') && {
      authenticatorAttachment: attachment,
    }),
    clientExtensionResults: { ...clientExtensionResults },
    type: 'public-key',
  };
}
