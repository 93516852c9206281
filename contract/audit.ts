import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant, Sha256Hex } from './ids.ts';

/**
 * One line of the audit log. `prev` is the SHA-256 of the line before it, so that no line can be changed, left out
 * or moved unseen. Content never goes in: hashes, sizes, names and decisions do.
 */
export const AuditRecord = z.strictObject({
  v: z.literal(1),
  seq: z.int().nonnegative(),
  at: Instant,
  boot: z.string(),
  actor: z.string().max(512),
  type: z.string().regex(/^[a-z]+(\.[a-z-]+)+$/i),
  object: z.string().max(512),
  facts: z.record(z.string(), z.union([z.string().max(2048), z.number(), z.boolean(), z.null()])),
  prev: Sha256Hex,
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** How far the log reaches and whether it can be written; shown everywhere that a decision is taken. */
export const AuditStatus = z.strictObject({
  records: z.int().nonnegative(),
  state: z.enum(['ok', 'read-only']),
  checkpointAt: Instant.nullable(),
  /** Number of the oldest record that is kept whole; of older ones only the hashes remain. */
  oldestSeq: z.int().nonnegative(),
});
export type AuditStatus = z.infer<typeof AuditStatus>;

/** Which records: all fields that are present must fit. */
export const AuditFilter = z.strictObject({
  fromAt: Instant.optional(),
  toAt: Instant.optional(),
  /** Beginnings of types: `approval` for all of them, `approval.denied` for one. */
  types: z.array(z.string().max(64)).min(1).max(32).optional(),
  actor: z.string().max(512).optional(),
  workspaceId: z.string().max(128).optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

export const AuditVerdict = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('ok'),
    records: z.int(),
    /** Left out by a filter or pruned: proven by their hashes alone. */
    omitted: z.int(),
    checkpoints: z.int(),
    key: z.string(),
  }),
  z.strictObject({
    verdict: z.enum(['bad-signature', 'broken-chain', 'missing-records', 'untrusted-key', 'unreadable']),
    firstBadSeq: z.int().nullable(),
    message: z.string(),
  }),
]);
export type AuditVerdict = z.infer<typeof AuditVerdict>;

export const auditCommands = {
  'audit.tail': command({
    capability: 'view',
    risk: 'none',
    summary: 'The newest records, or those before a sequence number.',
    input: z.strictObject({
      beforeSeq: z.int().nonnegative().optional(),
      limit: z.int().min(1).max(1000).default(100),
      search: z.string().max(256).optional(),
      filter: AuditFilter.optional(),
    }),
    output: z.strictObject({ records: z.array(AuditRecord), total: z.int() }),
  }),
  'audit.export': command({
    capability: 'own',
    risk: 'medium',
    summary:
      'Write the log, or the part that a filter chooses, its checkpoint and public key to one file that verifies offline.',
    input: z.strictObject({ file: z.string().min(1).max(4096), filter: AuditFilter.optional() }),
    output: z.strictObject({ file: z.string(), records: z.int(), sha256: Sha256Hex }),
  }),
  'audit.verify': command({
    capability: 'view',
    risk: 'none',
    summary: 'Check the chain and the checkpoints of the log on this machine.',
    input: Nothing,
    output: AuditVerdict,
  }),
  'audit.checkpoint': command({
    capability: 'view',
    risk: 'none',
    summary: 'The newest signed checkpoint, and the proof that it continues an older one.',
    input: z.strictObject({ since: z.int().positive().optional() }),
    output: z.strictObject({
      /** C2SP signed note with a tlog-checkpoint. */
      note: z.string(),
      /** base64 of the raw Ed25519 public key. */
      publicKey: z.string(),
      /** RFC 6962 consistency proof from `since`, as base64 hashes; empty without it. */
      consistency: z.array(z.string()),
    }),
  }),
  'audit.prune': command({
    capability: 'own',
    risk: 'high',
    summary:
      'Drop whole records older than this many days. Their hashes stay, so that the rest still verifies.',
    input: z.strictObject({ keepDays: z.int().min(1).max(36_500) }),
    output: z.strictObject({ removed: z.int().nonnegative(), oldestSeq: z.int().nonnegative() }),
  }),
};

export const AuditGrown = z.strictObject({ type: z.literal('audit.grown'), audit: AuditStatus });
