import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant, WorkspaceId } from './ids.ts';

/** `tag` names a secret without giving it away: equal secrets of one host have equal tags. */
export const SecretTag = z.string().regex(/^[0-9a-f]{8}$/, 'a tag has 8 lower-case hex digits');

/** A secret that was held back at the gate. Never the value, never where in a text it stood. */
export const SecretHit = z.strictObject({
  tag: SecretTag,
  kind: z.string().max(64),
  count: z.int().positive(),
  firstAt: Instant,
  lastAt: Instant,
  /** What kind of content it was in when it was last seen. */
  where: z.string().max(32),
});
export type SecretHit = z.infer<typeof SecretHit>;

/** A value that looks like a secret and that the owner says is none. */
export const AllowedSecret = z.strictObject({
  tag: SecretTag,
  kind: z.string().max(64),
  /** Only in what leaves this workspace; everywhere when null. */
  workspaceId: WorkspaceId.nullable(),
  note: z.string().max(128),
  allowedAt: Instant,
  expiresAt: Instant,
});
export type AllowedSecret = z.infer<typeof AllowedSecret>;

export const secretCommands = {
  'secrets.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'Secrets that were held back since the start, by tag, and values that were allowed through.',
    input: Nothing,
    output: z.strictObject({ hits: z.array(SecretHit), allowed: z.array(AllowedSecret) }),
  }),
  'secrets.allow': command({
    capability: 'own',
    risk: 'high',
    summary:
      "Let the value with this tag through: it is no secret. Private keys and the host's own secrets never are.",
    input: z.strictObject({
      tag: SecretTag,
      workspaceId: WorkspaceId.nullable().default(null),
      note: z.string().max(128).default(''),
      days: z.int().min(1).max(365).default(30),
    }),
    output: AllowedSecret,
  }),
  'secrets.forget': command({
    capability: 'own',
    risk: 'low',
    summary: 'Hold the value with this tag back again.',
    input: z.strictObject({ tag: SecretTag }),
    output: Nothing,
  }),
};
