import * as z from 'zod';
import { ActionKind, SandboxProfile } from './action.ts';
import { Instant } from './ids.ts';

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
  riskMin: RiskLevel.optional(),
  riskMax: RiskLevel.optional(),
});
export type RuleCondition = z.infer<typeof RuleCondition>;

export const Rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  effect: Effect,
  note: z.string().max(256).optional(),
  when: RuleCondition,
  /** Of an ask rule: a rule that allows the same thing lifts it. Others ask whatever is allowed. */
  liftable: z.boolean().optional(),
  /** Raises the risk shown on the card of an action that this rule matches. */
  risk: RiskLevel.optional(),
  expiresAt: Instant.optional(),
});
export type Rule = z.infer<typeof Rule>;

/** What the evaluator answers, with the reasons a person can read. */
export const PolicyDecision = z.strictObject({
  effect: Effect,
  risk: RiskLevel,
  ruleIds: z.array(z.string()),
  why: z.array(z.string()),
});
export type PolicyDecision = z.infer<typeof PolicyDecision>;
