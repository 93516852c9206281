import {
  startAuthentication,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { Approval } from '../../../contract/approvals.ts';
import type { StepUpPurpose } from '../../../contract/presence.ts';
import type { PresenceProof, ProofKind } from '../../../contract/proof.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { ceremonyFailure } from '../presence/ceremony-failure.ts';

type WebAuthnResponse = Extract<PresenceProof, { kind: 'webauthn' }>['response'];

/** What became of asking for a proof: one, none because none is needed, or null because there was none to be had. */
export type StepUp = { readonly proof: PresenceProof | undefined } | null;

/**
 * Has the person prove that they are there, where an approval needs it: with a passkey, or by the prompt of the system
 * that the host raises itself. What went wrong is told; then there is no answer to send.
 */
export function useStepUp(): (approval: Approval) => Promise<StepUp> {
  const { actions } = useHost();
  const prove = useProof();
  return async ({ need, id: approvalId, actionHash, title }) => {
    if (need.stepUp === 'none') return { proof: undefined };
    const proof = await prove({ kind: 'approval', approvalId, actionHash }, need.kinds);
    if ('kind' in proof) return { proof };
    // A recent proof, or having no way of proving it, may be enough: the host decides that.
    if (need.stepUp !== 'each') return { proof: undefined };
    actions.say('failed', en.approvals.decideWhat(title), `${en.approvals.stepUpFailed} ${proof.failed}`);
    return null;
  };
}

/** Has the person prove to be there for one purpose, in one of these ways; else says why there is no proof. */
export function useProof(): (
  purpose: StepUpPurpose,
  accepted?: readonly ProofKind[],
) => Promise<PresenceProof | { readonly failed: string }> {
  const { client } = useHost();
  return async (purpose, accepted) => {
    const began = await client.call('presence.beginStepUp', { purpose, origin: window.location.origin });
    if (!began.ok) return { failed: began.error.message };
    const { challengeId, kinds, webauthn } = began.value;
    const counts = (kind: PresenceProof['kind']) =>
      kinds.includes(kind) && (accepted?.includes(kind) ?? true);
    if (webauthn !== null && counts('webauthn')) {
      try {
        const optionsJSON = webauthn as unknown as PublicKeyCredentialRequestOptionsJSON;
        const response = await startAuthentication({ optionsJSON });
        return { kind: 'webauthn', challengeId, response: withoutUndefined(response) };
      } catch (error) {
        if (!counts('os-prompt')) return { failed: ceremonyFailure(error) };
      }
    }
    if (counts('os-prompt')) return { kind: 'os-prompt', challengeId };
    return { failed: en.approvals.noProof };
  };
}

/** Only what the contract knows, and only what is there. */
export function withoutUndefined(given: AuthenticationResponseJSON): WebAuthnResponse {
  const { clientDataJSON, authenticatorData, signature, userHandle } = given.response;
  const attachment = given.authenticatorAttachment;
  return {
    id: given.id,
    rawId: given.rawId,
    response: {
      clientDataJSON,
      authenticatorData,
      signature,
      ...(userHandle !== undefined && { userHandle }),
    },
    ...((attachment === 'platform' || attachment === 'cross-platform') && {
      authenticatorAttachment: attachment,
    }),
    clientExtensionResults: { ...given.clientExtensionResults },
    type: 'public-key',
  };
}
