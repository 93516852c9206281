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
});
export type AuditStatus = z.infer<typeof AuditStatus>;

export const AuditVerdict = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('ok'), records: z.int(), checkpoints: z.int(), key: z.string() }),
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
    }),
    output: z.strictObject({ records: z.array(AuditRecord), total: z.int() }),
  }),
  'audit.export': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Write the whole log, its checkpoint and public key to one file that verifies offline.',
    input: z.strictObject({ file: z.string().min(1).max(4096) }),
    output: z.strictObject({ file: z.string(), records: z.int(), sha256: Sha256Hex }),
  }),
  'audit.verify': command({
    capability: 'view',
    risk: 'none',
    summary: 'Check the chain and the checkpoints of the log on this machine.',
    input: Nothing,
    output: AuditVerdict,
  }),
};

export const AuditGrown = z.strictObject({ type: z.literal('audit.grown'), audit: AuditStatus });
