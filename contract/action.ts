import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as z from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { ApprovalId, Sha256Hex, WorkspaceId } from './ids.ts';

export { sha256Hex } from './hash.ts';

/** What kind of thing is about to happen. An unknown kind is denied, never guessed. */
export const ActionKind = z.enum([
  'fs.read',
  'fs.write',
  'fs.delete',
  'exec',
  'git.read',
  'git.write',
  'net',
  'tool',
  'process.start',
  'process.signal',
]);
export type ActionKind = z.infer<typeof ActionKind>;

export const SandboxProfile = z.enum(['ro', 'ws', 'ws+net', 'none']);
export type SandboxProfile = z.infer<typeof SandboxProfile>;

const CleanText = z.string().max(16_384);
const RelativePath = z.string().min(1).max(4096);

/** A command, as tokens: what `execve` is handed, never a line for a shell to read again. */
const ExecFacts = z.strictObject({
  argv: z.array(CleanText).min(1).max(256),
  cwd: z.string().max(4096),
  sandbox: SandboxProfile,
  /** Hash of the resolved binary; null where the agent, not the host, starts the command. */
  binarySha256: Sha256Hex.nullable(),
  envNames: z.array(z.string().max(256)).max(256),
  /** Hash of names and values as canonical JSON; null where the agent, not the host, sets the environment. */
  envSha256: Sha256Hex.nullable(),
  /** Device and inode of the working directory, `dev:ino`: a directory that was swapped is another one. */
  cwdIdentity: z.string().max(64).nullable(),
});

const WriteFacts = z.strictObject({
  path: RelativePath,
  /** Hash of the bytes that will be replaced; null for a new file. */
  baseSha256: Sha256Hex.nullable(),
  newSha256: Sha256Hex,
  bytes: z.int().nonnegative(),
});

/** Something an agent asked leave for that the host can describe but not see through. */
const ToolFacts = z.strictObject({
  name: z.string().max(256),
  /** Hash of the raw input as canonical JSON, so that the same call with other arguments is another action. */
  inputSha256: Sha256Hex,
});

/**
 * The canonical Action: everything that decides what will happen, and nothing else. The approver sees it, signs its
 * hash, and the executor builds it again from what it is about to do; any difference makes the approval stale.
 */
export const Action = z.strictObject({
  v: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  kind: ActionKind,
  workspaceId: WorkspaceId.nullable(),
  /** Who asked, outermost first: `owner`, `device:ID`, `mcp:TOKEN`, `task:ID`, `agent:NAME`. */
  requester: z.array(z.string().max(160)).min(1).max(8),
  agent: z.string().max(64).nullable(),
  paths: z.array(RelativePath).max(256),
  exec: ExecFacts.nullable(),
  writes: z.array(WriteFacts).max(256),
  tool: ToolFacts.nullable(),
  /** Hosts that it is known to reach, `name` or `name:port`; empty when none are known. */
  net: z.array(z.string().max(256)).max(64),
  policySha256: Sha256Hex,
});
export type Action = z.infer<typeof Action>;

/** SHA-256 over a domain tag and the RFC 8785 form of the action, in lower-case hex. */
export function actionHash(action: Action): string {
  return bytesToHex(sha256(utf8ToBytes(`signalbox/action/v1\n${canonicalJson(action)}`)));
}

export const ApprovalDecision = z.enum(['allow', 'deny']);
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
export const ApprovalScope = z.enum(['once', 'session', 'always']);
export type ApprovalScope = z.infer<typeof ApprovalScope>;

/** What a device signs when it answers. `counter` only grows, so that an old answer is never taken twice. */
export const ApprovalStatement = z.strictObject({
  approvalId: ApprovalId,
  actionHash: Sha256Hex,
  decision: ApprovalDecision,
  scope: ApprovalScope,
  counter: z.int().positive(),
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

/** The exact bytes under the signature (ECDSA P-256 with SHA-256, raw r‖s). */
export function approvalBytes(statement: ApprovalStatement): Uint8Array {
  return utf8ToBytes(`signalbox/approval/v1\n${canonicalJson(statement)}`);
}

/** The exact bytes that a device signs to add a rule: the rule itself and a counter, under a tag of its own. */
export function ruleBytes(rule: unknown, counter: number): Uint8Array {
  return utf8ToBytes(`signalbox/rule/v1\n${canonicalJson({ rule, counter })}`);
}
