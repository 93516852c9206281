import * as z from 'zod';
import { Action, ApprovalDecision, ApprovalScope } from './action.ts';
import { command, Nothing } from './command.ts';
import { ApprovalId, GrantId, Instant, Sha256Hex, TaskId } from './ids.ts';
import { PolicyDecision, RiskLevel, Rule, RuleCondition } from './policy.ts';

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
  /** Which answers can be remembered; `once` is always there. */
  scopes: z.array(ApprovalScope).min(1),
  createdAt: Instant,
  expiresAt: Instant,
};
const decided = { ...shared, decidedAt: Instant, decidedBy: z.string() };

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
      /** Needed from a device: base64url of the raw P-256 signature over `approvalBytes`. */
      proof: z
        .strictObject({ counter: z.int().positive(), signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/) })
        .optional(),
    }),
    output: Approval,
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
};

export const ApprovalChanged = z.strictObject({ type: z.literal('approval.changed'), approval: Approval });
export const GrantChanged = z.strictObject({ type: z.literal('grant.changed'), grant: Grant });
export const GrantRemoved = z.strictObject({ type: z.literal('grant.removed'), grantId: GrantId });
