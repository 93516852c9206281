import * as z from 'zod';
import { ActionKind, SandboxProfile } from './action.ts';
import { Instant } from './ids.ts';
import { ProofKind } from './proof.ts';

export const Effect = z.enum(['deny', 'ask', 'allow']);
export type Effect = z.infer<typeof Effect>;

/** 0 harmless … 4 can do anything the owner can. */
export const RiskLevel = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type RiskLevel = z.infer<typeof RiskLevel>;

export const Origin = z.enum(['desktop', 'cli', 'phone', 'mcp', 'acp']);
export type Origin = z.infer<typeof Origin>;

/** One token of an argv prefix: itself, or any of several. Never a pattern over a command line. */
const TokenPattern = z.union([z.string().max(256), z.array(z.string().max(256)).min(1).max(32)]);

/** All fields that are present must match; an absent field matches anything. */
export const RuleCondition = z.strictObject({
  kind: z.array(ActionKind).min(1).optional(),
  workspace: z.array(z.string()).min(1).optional(),
  agent: z.array(z.string()).min(1).optional(),
  origin: z.array(Origin).min(1).optional(),
  /** Globs over workspace-relative paths; every touched path must match one. */
  pathIn: z.array(z.string().max(256)).min(1).optional(),
  /** Some touched path matches one of these globs. */
  pathAny: z.array(z.string().max(256)).min(1).optional(),
  argv: z.array(TokenPattern).min(1).max(256).optional(),
  /** The tokens above are the whole command, not only how it begins. */
  argvWhole: z.boolean().optional(),
  sandbox: z.array(SandboxProfile).min(1).optional(),
  /** Who asked, by the outermost part of the chain: `owner`, `device:ID`, `mcp:TOKEN`, `task:ID`; `mcp:*` for all of a kind. */
  requester: z.array(z.string().max(160)).min(1).optional(),
  /** Hosts reached: `example.com`, or `*.example.com` for every name below it. Every host must match one. */
  net: z.array(z.string().max(256)).min(1).optional(),
  /** Bytes that all writes together may have. */
  sizeMax: z.int().nonnegative().optional(),
  /** Only at these hours, by the wall clock of a time zone (IANA name); 0 is Sunday. */
  window: z
    .strictObject({
      zone: z.string().max(64),
      days: z.array(z.int().min(0).max(6)).min(1).max(7),
      from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
      to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    })
    .optional(),
  riskMin: RiskLevel.optional(),
  riskMax: RiskLevel.optional(),
});
export type RuleCondition = z.infer<typeof RuleCondition>;

/** When a yes needs more than one tap. Needs of several rules are merged by the stricter of each. */
export const StepUp = z.enum(['none', 'if-enrolled', 'recent', 'each']);
export type StepUp = z.infer<typeof StepUp>;

export const Need = z.strictObject({
  /** Distinct people or devices that must say yes; the first no ends it. */
  approvers: z.int().min(1).max(5).default(1),
  /**
   * Proof that a person is there. `if-enrolled`: asked of whoever has a way of proving it. `recent`: a proof of the
   * last five minutes will do. `each`: a new proof for each approval, and no approval without one.
   */
  stepUp: StepUp.default('none'),
  /** Which proofs count; all, when absent. */
  kinds: z.array(ProofKind).min(1).optional(),
  /** The one who asked may not be one of those who say yes. */
  distinctFromRequester: z.boolean().default(false),
});
export type Need = z.infer<typeof Need>;

export const NO_NEED: Need = { approvers: 1, stepUp: 'none', distinctFromRequester: false };

/** An action of a rule's own tests: only what matters to it, the rest is filled in. */
export const RuleExample = z.strictObject({
  kind: ActionKind,
  origin: Origin.default('acp'),
  workspace: z.string().max(128).optional(),
  agent: z.string().max(64).optional(),
  requester: z.string().max(160).optional(),
  paths: z.array(z.string().max(4096)).max(64).optional(),
  argv: z.array(z.string().max(4096)).min(1).max(256).optional(),
  sandbox: SandboxProfile.optional(),
  net: z.array(z.string().max(256)).max(64).optional(),
  bytes: z.int().nonnegative().optional(),
});
export type RuleExample = z.infer<typeof RuleExample>;

export const Rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  effect: Effect,
  note: z.string().max(256).optional(),
  when: RuleCondition,
  /** Of an ask rule: a rule that allows the same thing lifts it. Others ask whatever is allowed. */
  liftable: z.boolean().optional(),
  /** Raises the risk shown on the card of an action that this rule matches. */
  risk: RiskLevel.optional(),
  /** Of an ask rule: what an answer needs. */
  need: Need.optional(),
  /** Of an ask rule: nothing below may answer in its place, neither a rule that allows nor a remembered answer. */
  locked: z.boolean().optional(),
  expiresAt: Instant.optional(),
  /** The rule's own tests. A set of rules with one that fails is refused whole. */
  tests: z
    .strictObject({
      match: z.array(RuleExample).max(32).default([]),
      notMatch: z.array(RuleExample).max(32).default([]),
    })
    .optional(),
});
export type Rule = z.infer<typeof Rule>;

/** What the evaluator answers, with the reasons a person can read. */
export const PolicyDecision = z.strictObject({
  effect: Effect,
  risk: RiskLevel,
  need: Need,
  ruleIds: z.array(z.string()),
  why: z.array(z.string()),
});
export type PolicyDecision = z.infer<typeof PolicyDecision>;

/** What a rule would have done to the questions of the past. Nothing is changed by asking. */
export const DryRun = z.strictObject({
  /** Questions looked at: the newest ones that a person answered or that ran out. */
  examined: z.int().nonnegative(),
  /** How many of them the rule speaks of. */
  matched: z.int().nonnegative(),
  /** Of those that matched: how many would now be decided otherwise than they were asked. */
  wouldAllow: z.int().nonnegative(),
  wouldDeny: z.int().nonnegative(),
  /** People had said no to these; an allow rule that covers one deserves a second look. */
  againstDenials: z.int().nonnegative(),
  examples: z.array(z.strictObject({ approvalId: z.string(), title: z.string(), effect: Effect })).max(20),
});
export type DryRun = z.infer<typeof DryRun>;

/** One way to make a rule out of a question, narrowest first. */
export const RuleProposal = z.strictObject({
  /** `exact`: this very thing. `prefix`: commands that begin so, from a curated table. `folder`: files below it. */
  width: z.enum(['exact', 'prefix', 'folder']),
  rule: Rule,
  dryRun: DryRun,
});
export type RuleProposal = z.infer<typeof RuleProposal>;
