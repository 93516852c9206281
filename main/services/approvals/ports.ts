import type { ApprovalStatement } from '../../../contract/action.ts';
import type { DeviceId, WorkspaceId } from '../../../contract/ids.ts';
import type { HostMode } from '../../../contract/host.ts';
import type { Rule } from '../../../contract/policy.ts';
import type { StepUpPurpose } from '../../../contract/presence.ts';
import type { PresenceProof, ProofKind } from '../../../contract/proof.ts';
import type { Caller } from '../../kernel/caller.ts';

export interface Devices {
  /**
   * Checks the signature of a device under an answer and uses up its counter.
   * @throws HostError `not_permitted` for a bad signature, `conflict` for a counter that was used
   */
  verifyStatement(deviceId: DeviceId, statement: ApprovalStatement, signature: string): void;
  /**
   * The same for a rule: `bytes` are those of `ruleBytes` with this counter.
   * @throws as `verifyStatement`
   */
  verifyRule(deviceId: DeviceId, bytes: Uint8Array, counter: number, signature: string): void;
  /** Whether a device is still paired, and its scope still lets it answer. */
  mayApprove(deviceId: DeviceId): boolean;
}

/** The rules of the owner, where they are kept. */
export interface OwnRules {
  get(): readonly Rule[];
  /** In force when it returns. @throws HostError when they cannot be written */
  set(rules: readonly Rule[]): void;
}

/** Where the files of a workspace lie, and whether the owner lets them loosen the policy. */
export interface WorkspaceFolders {
  folder(id: WorkspaceId): { readonly path: string; readonly trusted: boolean } | null;
}

export interface ModeSource {
  mode(): HostMode;
}

/** Whether a person is there. Every question is about the very caller that answers. */
export interface PresenceVerifier {
  /** Whether this caller has some way of proving it; of these kinds, when given. */
  canProve(caller: Caller, kinds?: readonly ProofKind[]): boolean;
  /** How this caller proved it within the last five minutes; null when it did not, or not in one of these ways. */
  recent(caller: Caller, kinds?: readonly ProofKind[]): ProofKind | null;
  /**
   * Checks a proof for one purpose and uses up its challenge, whatever the outcome. May wait for a person.
   * @throws HostError `not_permitted` for a proof that does not hold, `expired` for a challenge that is gone
   */
  verify(caller: Caller, proof: PresenceProof, purpose: StepUpPurpose): Promise<ProofKind>;
}
