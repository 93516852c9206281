import * as z from 'zod';
import { Action, ApprovalDecision, ApprovalScope } from './action.ts';
import { command, Nothing } from './command.ts';
import { WireError } from './errors.ts';
import { ApprovalId, GrantId, Instant, Sha256Hex, TaskId } from './ids.ts';
import { DryRun, Need, PolicyDecision, RiskLevel, Rule, RuleCondition, RuleProposal } from './policy.ts';
import { PresenceProof, ProofKind } from './proof.ts';

const shared = {
  id: ApprovalId,
  action: Action,
  actionHash: Sha256Hex,
  risk: RiskLevel,
  /** Why a person is asked: the rules that matched, in words. */
  why: z.array(z.string()),
  /** One line made by the host from the action, never the agent's words. */
  title: z.string().max(256),
  taskId: TaskId.nullable(),
  /** What a yes needs: how many people, and which proof that they are there. */
  need: Need,
  /** Who has said yes so far, where more than one must. */
  votes: z.array(z.strictObject({ by: z.string(), at: Instant })),
  /** How many ask for this very action and wait for the one answer. */
  askers: z.int().nonnegative(),
  /** Long content: it must have been opened by whoever says yes. */
  mustOpen: z.boolean(),
  /** Which answers can be remembered; `once` is always there. */
  scopes: z.array(ApprovalScope).min(1),
  createdAt: Instant,
  expiresAt: Instant,
};
const decided = { ...shared, decidedAt: Instant, decidedBy: z.string(), provenBy: ProofKind.nullable() };

/** pending → approved → executing → done | failed, or denied, expired, cancelled, stale. Never back. */
export const Approval = z.discriminatedUnion('state', [
  z.strictObject({ ...shared, state: z.literal('pending') }),
  z.strictObject({ ...decided, state: z.literal('approved'), scope: ApprovalScope }),
  z.strictObject({ ...decided, state: z.literal('executing'), scope: ApprovalScope }),
  z.strictObject({ ...decided, state: z.literal('done'), scope: ApprovalScope }),
  z.strictObject({ ...decided, state: z.literal('failed'), scope: ApprovalScope, reason: z.string() }),
  z.strictObject({ ...decided, state: z.literal('unknown'), scope: ApprovalScope }),
  z.strictObject({ ...decided, state: z.literal('stale'), scope: ApprovalScope, reason: z.string() }),
  z.strictObject({ ...decided, state: z.literal('denied'), reason: z.string() }),
  z.strictObject({ ...shared, state: z.literal('expired'), decidedAt: Instant }),
  z.strictObject({ ...shared, state: z.literal('cancelled'), decidedAt: Instant, reason: z.string() }),
]);
export type Approval = z.infer<typeof Approval>;

/** The content behind the hashes of an action, so that an approver can read what it signs. */
export const ApprovalDetail = z.strictObject({
  approvalId: ApprovalId,
  diffs: z.array(
    z.strictObject({
      path: z.string(),
      oldText: z.string().nullable(),
      newText: z.string(),
      /** Secrets were replaced, so the texts no longer hash to what the action says. */
      redacted: z.boolean(),
      truncated: z.boolean(),
    }),
  ),
  /** Free text of the agent, shown below the facts and marked as its words. */
  agentSays: z.string().max(8192),
});
export type ApprovalDetail = z.infer<typeof ApprovalDetail>;

/** A remembered answer. */
export const Grant = z.strictObject({
  id: GrantId,
  scope: z.enum(['session', 'always']),
  when: RuleCondition,
  grantedBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  usesLeft: z.int().nonnegative(),
});
export type Grant = z.infer<typeof Grant>;

/** A device's signature under one answer. */
export const AnswerProof = z.strictObject({
  counter: z.int().positive(),
  /** base64url of the raw P-256 signature over `approvalBytes`. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type AnswerProof = z.infer<typeof AnswerProof>;

export const approvalCommands = {
  'approvals.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'Approvals, pending first.',
    input: z.strictObject({ limit: z.int().min(1).max(500).default(100) }),
    output: z.strictObject({ approvals: z.array(Approval) }),
  }),
  'approvals.detail': command({
    capability: 'approve',
    risk: 'none',
    summary: 'The content behind one approval: diffs and what the agent says.',
    input: z.strictObject({ approvalId: ApprovalId }),
    output: z.strictObject({ approval: Approval, detail: ApprovalDetail }),
  }),
  'approvals.decide': command({
    capability: 'approve',
    risk: 'low',
    summary: 'Answer one approval. A device signs the hash of the action that it was shown.',
    input: z.strictObject({
      approvalId: ApprovalId,
      actionHash: Sha256Hex,
      decision: ApprovalDecision,
      scope: ApprovalScope.default('once'),
      reason: z.string().max(512).default(''),
      /** Needed from a device. */
      proof: AnswerProof.optional(),
      /** Where the approval needs it: proof that a person is there, for a challenge of `presence.beginStepUp`. */
      presence: PresenceProof.optional(),
    }),
    output: Approval,
  }),
  'approvals.decideMany': command({
    capability: 'approve',
    risk: 'low',
    summary:
      'Answer several approvals at once, each for its own action. One that fails keeps none from being answered.',
    input: z.strictObject({
      decision: ApprovalDecision,
      answers: z
        .array(
          z.strictObject({ approvalId: ApprovalId, actionHash: Sha256Hex, proof: AnswerProof.optional() }),
        )
        .min(1)
        .max(50),
      reason: z.string().max(512).default(''),
    }),
    output: z.strictObject({
      results: z.array(
        z.discriminatedUnion('ok', [
          z.strictObject({ ok: z.literal(true), approval: Approval }),
          z.strictObject({ ok: z.literal(false), approvalId: ApprovalId, error: WireError }),
        ]),
      ),
    }),
  }),
  'approvals.listGrants': command({
    capability: 'view',
    risk: 'none',
    summary: 'Remembered answers that are in force.',
    input: Nothing,
    output: z.strictObject({ grants: z.array(Grant) }),
  }),
  'approvals.revokeGrant': command({
    capability: 'approve',
    risk: 'low',
    summary: 'Forget a remembered answer.',
    input: z.strictObject({ grantId: GrantId }),
    output: Nothing,
  }),
  'approvals.showPolicy': command({
    capability: 'view',
    risk: 'none',
    summary: 'The rules in force, with the hash that actions carry.',
    input: Nothing,
    output: z.strictObject({ rules: z.array(Rule), policySha256: Sha256Hex }),
  }),
  'approvals.testPolicy': command({
    capability: 'view',
    risk: 'none',
    summary: 'What the policy would say to an action, and why. Nothing is done.',
    input: z.strictObject({ action: Action }),
    output: PolicyDecision,
  }),
  'approvals.proposeRules': command({
    capability: 'approve',
    risk: 'none',
    summary: 'Rules that would answer questions like this one, narrowest first, each with its dry run.',
    input: z.strictObject({ approvalId: ApprovalId, effect: z.enum(['allow', 'deny']) }),
    output: z.strictObject({ proposals: z.array(RuleProposal) }),
  }),
  'approvals.dryRun': command({
    capability: 'view',
    risk: 'none',
    summary: 'What a rule would have done to the questions of the past.',
    input: z.strictObject({ rule: Rule, last: z.int().min(1).max(1000).default(200) }),
    output: DryRun,
  }),
  'approvals.addRule': command({
    capability: 'manage',
    risk: 'high',
    summary:
      'Put a rule of the owner in force. Its tests must hold; the file of the configuration carries it.',
    input: z.strictObject({
      rule: Rule,
      /** Needed from a device: its signature over `ruleBytes`. */
      proof: AnswerProof.optional(),
      presence: PresenceProof.optional(),
    }),
    output: z.strictObject({ rule: Rule, policySha256: Sha256Hex }),
  }),
  'approvals.removeRule': command({
    capability: 'own',
    risk: 'high',
    summary:
      'Take a rule of the owner out of force. One that denied or asked needs proof that a person is there.',
    input: z.strictObject({ ruleId: z.string().max(64), presence: PresenceProof.optional() }),
    output: z.strictObject({ policySha256: Sha256Hex }),
  }),
};

export const ApprovalChanged = z.strictObject({ type: z.literal('approval.changed'), approval: Approval });
export const GrantChanged = z.strictObject({ type: z.literal('grant.changed'), grant: Grant });
export const GrantRemoved = z.strictObject({ type: z.literal('grant.removed'), grantId: GrantId });
