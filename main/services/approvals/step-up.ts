import type { Approval } from '../../../contract/approvals.ts';
import { HostError } from '../../../contract/errors.ts';
import type { PresenceProof, ProofKind } from '../../../contract/proof.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { PresenceVerifier } from './ports.ts';

type Asked = Pick<Approval, 'id' | 'actionHash' | 'need'>;

/**
 * Whether the one who says yes has shown that a person is there, as far as this approval needs it.
 * @returns which proof counted, null when none was needed
 * @throws HostError `refused` with the way out when a proof is missing or of a kind that does not count
 */
export async function provePresence(
  presence: PresenceVerifier,
  approval: Asked,
  caller: Caller,
  proof: PresenceProof | undefined,
): Promise<ProofKind | null> {
  const { stepUp, kinds } = approval.need;
  if (proof !== undefined) {
    if (kinds !== undefined && !kinds.includes(proof.kind)) {
      throw new HostError('refused', `this needs a proof by ${kinds.join(' or ')}, not by ${proof.kind}`, {
        kinds,
      });
    }
    const purpose = { kind: 'approval', approvalId: approval.id, actionHash: approval.actionHash } as const;
    return presence.verify(caller, proof, purpose);
  }
  if (stepUp === 'none') return null;
  if (stepUp === 'recent') {
    const recent = presence.recent(caller, kinds);
    if (recent !== null) return recent;
  }
  if (stepUp === 'if-enrolled' && !presence.canProve(caller, kinds)) return null;
  throw missing(approval, caller, stepUp);
}

function missing({ need, id }: Asked, caller: Caller, stepUp: string): HostError {
  const data = { stepUp, approvalId: id, ...(need.kinds && { kinds: need.kinds }) };
  if (caller.origin === 'cli') {
    return new HostError(
      'refused',
      'this needs proof that you are there, which the command line cannot give; answer it in the dashboard (`signalbox open`) or on a paired phone',
      data,
    );
  }
  return new HostError(
    'refused',
    'this needs proof that you are there: a passkey, the prompt of the system, or the key of a paired phone',
    data,
  );
}
