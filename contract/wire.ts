import * as z from 'zod';
import { ByteSource } from './byte-stream.ts';
import { Reply } from './errors.ts';
import { Cursor, StreamFrame } from './stream.ts';

/** The two sides of one connection, the same over control socket, dashboard WebSocket and encrypted channel. */
export const MAX_MESSAGE_BYTES = 4_194_304;

const RequestId = z.int().nonnegative();

export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('call'),
    id: RequestId,
    name: z.string().max(64),
    input: z.unknown(),
    /** Makes a repeat of the same command harmless: the first answer is given again. */
    commandId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16,64}$/)
      .optional(),
    /** Of a device: counts its commands up, written down before the first sending, so that an old one is known. */
    counter: z.int().positive().optional(),
  }),
  z.strictObject({ type: z.literal('subscribe'), from: Cursor.nullable() }),
  z.strictObject({ type: z.literal('unsubscribe') }),
  z.strictObject({
    type: z.literal('open'),
    id: RequestId,
    source: ByteSource,
    /** Byte offset to start at; negative counts from the end. */
    offset: z.int(),
  }),
  z.strictObject({ type: z.literal('ack'), id: RequestId, nextOffset: z.int().nonnegative() }),
  z.strictObject({ type: z.literal('close'), id: RequestId }),
  /** Asks for a `pong`: a frame that a network swallowed shows at the latest when the next one does not fit. */
  z.strictObject({ type: z.literal('ping') }),
  /** The device has stored the keys that `rotate` brought. */
  z.strictObject({ type: z.literal('rotated') }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** Why a host hangs up on a device. */
export const GoodbyeReason = z.enum(['revoked', 'locked-down', 'stopping', 'scope-changed']);
export type GoodbyeReason = z.infer<typeof GoodbyeReason>;

export const HostMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('reply'), id: RequestId, reply: Reply }),
  z.strictObject({ type: z.literal('frame'), frame: StreamFrame }),
  z.strictObject({
    type: z.literal('chunk'),
    id: RequestId,
    offset: z.int(),
    nextOffset: z.int(),
    text: z.string(),
  }),
  /** The byte stream ended: the source is gone, or it was refused. */
  z.strictObject({ type: z.literal('ended'), id: RequestId, reason: z.string() }),
  z.strictObject({ type: z.literal('pong') }),
  /**
   * First message of every session of a device. `epoch` only grows: a host that shows a smaller one than before was
   * put back to an older state, and is not believed until the owner of the phone says so.
   */
  z.strictObject({
    type: z.literal('welcome'),
    hostId: z.string().max(128),
    hostName: z.string().max(64),
    epoch: z.int().nonnegative(),
    /** Highest command counter of this device that the host has seen. */
    counter: z.int().nonnegative(),
    minVersion: z.int().positive(),
  }),
  /** Why the host is about to hang up; on `revoked` the device forgets this host and wipes what it kept of it. */
  z.strictObject({
    type: z.literal('goodbye'),
    reason: GoodbyeReason,
  }),
  /** To a device that was away for long: the owner compares the code of this very channel once more. */
  z.strictObject({
    type: z.literal('renewal'),
    state: z.enum(['waiting', 'renewed', 'refused']),
    expiresInMs: z.int().nonnegative(),
  }),
  /** New keys, told inside the channel that the old ones opened. The device stores them, then says `rotated`. */
  z.strictObject({
    type: z.literal('rotate'),
    hostPublicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    devicePsk: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  }),
]);
export type HostMessage = z.infer<typeof HostMessage>;
export type Welcome = Extract<HostMessage, { type: 'welcome' }>;
