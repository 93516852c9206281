import * as z from 'zod';
import { DeviceId } from './ids.ts';
import { DeviceScope } from './identity.ts';

/**
 * What is said on the encrypted channel while a phone pairs, each message as UTF-8 JSON. The check code is never
 * sent: both ends derive it from the handshake, which is what makes comparing it worth while.
 */
export const HostPairingMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pending'), hostName: z.string().max(64), expiresInMs: z.int() }),
  z.strictObject({
    type: z.literal('paired'),
    deviceId: DeviceId,
    /** base64url of 32 bytes: proves this device in every later handshake. */
    devicePsk: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    hostId: z.string().max(128),
    hostName: z.string().max(64),
    scope: DeviceScope,
  }),
  z.strictObject({ type: z.literal('refused'), reason: z.enum(['declined', 'expired', 'cancelled']) }),
]);
export type HostPairingMessage = z.infer<typeof HostPairingMessage>;

/** The phone's only message: it has stored what `paired` brought. Until then the host does not count it as paired. */
export const DevicePairingMessage = z.strictObject({ type: z.literal('stored') });
export type DevicePairingMessage = z.infer<typeof DevicePairingMessage>;
