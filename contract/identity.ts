import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { DeviceId, DisplayName, Instant } from './ids.ts';

/** What a paired device may do; each scope holds the ones before it. */
export const DeviceScope = z.enum(['view', 'submit', 'approve', 'manage']);
export type DeviceScope = z.infer<typeof DeviceScope>;

const shared = {
  id: DeviceId,
  name: DisplayName,
  /** `browser`: a dashboard opened in a browser of this machine. */
  kind: z.enum(['phone', 'browser']),
  platform: z.string().max(64),
  scope: z.union([DeviceScope, z.literal('own')]),
  /** First 16 hex digits of the SHA-256 of its public key. */
  fingerprint: z.string(),
};

/** A pending device has a code to compare, an admitted one a date, a revoked one both dates. */
export const Device = z.discriminatedUnion('state', [
  z.strictObject({
    ...shared,
    state: z.literal('pending'),
    /** `pair`: a new device. `renew`: a known one that was away for long. */
    purpose: z.enum(['pair', 'renew']),
    checkCode: z.string().regex(/^\d{6}$/),
    requestedAt: Instant,
    expiresAt: Instant,
  }),
  z.strictObject({
    ...shared,
    state: z.literal('active'),
    pairedAt: Instant,
    lastSeenAt: Instant.nullable(),
    connected: z.boolean(),
  }),
  /** Not seen for 30 days: it may come in again when the owner compares a code once more. */
  z.strictObject({ ...shared, state: z.literal('idle'), pairedAt: Instant, lastSeenAt: Instant.nullable() }),
  z.strictObject({ ...shared, state: z.literal('revoked'), pairedAt: Instant, revokedAt: Instant }),
]);
export type Device = z.infer<typeof Device>;

/** Whether a code is open. The code itself is returned once to who made it and never enters the state. */
export const Invitation = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('none') }),
  z.strictObject({ state: z.literal('open'), id: z.string(), scope: DeviceScope, expiresAt: Instant }),
  z.strictObject({ state: z.literal('used'), id: z.string() }),
  z.strictObject({ state: z.literal('expired'), id: z.string() }),
]);
export type Invitation = z.infer<typeof Invitation>;

export const identityCommands = {
  'identity.createInvitation': command({
    capability: 'own',
    risk: 'high',
    summary: 'Make a pairing code: valid two minutes, for one device. An earlier open code ends.',
    input: z.strictObject({ scope: DeviceScope.default('approve') }),
    output: z.strictObject({ id: z.string(), text: z.string(), link: z.url(), expiresAt: Instant }),
  }),
  'identity.cancelInvitation': command({
    capability: 'own',
    risk: 'low',
    summary: 'End the open pairing code.',
    input: Nothing,
    output: Nothing,
  }),
  'identity.listDevices': command({
    capability: 'own',
    risk: 'none',
    summary: 'Paired, pending and revoked devices.',
    input: Nothing,
    output: z.strictObject({ devices: z.array(Device) }),
  }),
  'identity.approveDevice': command({
    capability: 'own',
    risk: 'high',
    summary: 'Admit a pending device whose screen shows this 6-digit code.',
    input: z.strictObject({
      deviceId: DeviceId,
      code: z.string().regex(/^\d{6}$/, 'the code has six digits'),
    }),
    output: Device,
  }),
  'identity.refuseDevice': command({
    capability: 'own',
    risk: 'low',
    summary: 'Refuse a pending device.',
    input: z.strictObject({ deviceId: DeviceId }),
    output: Nothing,
  }),
  'identity.revokeDevice': command({
    capability: 'own',
    risk: 'medium',
    summary: 'End a device: keys forgotten, live connections closed within a second.',
    input: z.strictObject({ deviceId: DeviceId }),
    output: Device,
  }),
  'identity.renameDevice': command({
    capability: 'own',
    risk: 'low',
    summary: 'Give a device another name.',
    input: z.strictObject({ deviceId: DeviceId, name: DisplayName }),
    output: Device,
  }),
  'identity.setScope': command({
    capability: 'own',
    risk: 'high',
    summary: 'Let a device do more or less. Its live connections begin anew with the new scope.',
    input: z.strictObject({ deviceId: DeviceId, scope: DeviceScope }),
    output: Device,
  }),
  'identity.rotateKeys': command({
    capability: 'own',
    risk: 'high',
    summary:
      'New keys for this host. Paired devices get them over their channel; the old ones are kept for 30 days for those that are away, or not at all.',
    input: z.strictObject({ dropOld: z.boolean().default(false) }),
    output: z.strictObject({ fingerprint: z.string(), devicesToTell: z.int().nonnegative() }),
  }),
  'identity.cacheKey': command({
    capability: 'view',
    risk: 'none',
    summary: "This device's half of the key of its local cache: gone when the device is revoked.",
    input: Nothing,
    output: z.strictObject({ share: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  }),
};

export const DeviceChanged = z.strictObject({ type: z.literal('device.changed'), device: Device });
export const DeviceRemoved = z.strictObject({ type: z.literal('device.removed'), deviceId: DeviceId });
export const InvitationChanged = z.strictObject({
  type: z.literal('invitation.changed'),
  invitation: Invitation,
});
