import * as z from 'zod';

/** The one form of an id, safe in file names, URLs and logs. */
const Id = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'an id is 1 to 128 letters, digits, "_" or "-"');

export const DeviceId = Id.brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;
export const WorkspaceId = Id.brand<'WorkspaceId'>();
export type WorkspaceId = z.infer<typeof WorkspaceId>;
export const TaskId = Id.brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;
export const ActionRunId = Id.brand<'ActionRunId'>();
export type ActionRunId = z.infer<typeof ActionRunId>;
export const HandoffId = Id.brand<'HandoffId'>();
export type HandoffId = z.infer<typeof HandoffId>;
export const SessionId = Id.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const ApprovalId = Id.brand<'ApprovalId'>();
export type ApprovalId = z.infer<typeof ApprovalId>;
export const GrantId = Id.brand<'GrantId'>();
export type GrantId = z.infer<typeof GrantId>;
export const TokenId = Id.brand<'TokenId'>();
export type TokenId = z.infer<typeof TokenId>;

/** An instant, RFC 3339 in UTC. Field names of instants end in `At`. */
export const Instant = z.iso.datetime();
export type Instant = z.infer<typeof Instant>;

export const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits');
export type Sha256Hex = z.infer<typeof Sha256Hex>;

/** Names that people choose: no control, bidi or zero-width characters, so that two names that look alike are alike. */
export const DisplayName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Cf}\p{Co}\p{Cs}]+$/u, 'a name may not contain control or invisible characters');
