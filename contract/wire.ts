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
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

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
]);
export type HostMessage = z.infer<typeof HostMessage>;
