import { readUint16, type Bytes } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import { TAG_LENGTH } from './cipher-state.ts';

/**
 * Plaintext of a transport frame: `type(1) stream(2) flags(1) body 0x80 00…`, padded so that the frame on the
 * wire has one of five sizes. Whoever watches learns which of five, never the length of a message.
 */
export const FRAME_SIZES: readonly number[] = [256, 1024, 4096, 16384, 65535];

export type FrameType = 'data' | 'close';

export interface Frame {
  readonly type: FrameType;
  /** 0 to MAX_STREAMS - 1. */
  readonly stream: number;
  /** True if the message goes on in the next frame of this stream. */
  readonly more: boolean;
  readonly body: Uint8Array;
}

/** Streams that may be in the middle of a message at the same time. */
export const MAX_STREAMS = 4;

const TYPE_BYTES: Readonly<Record<FrameType, number>> = { data: 1, close: 2 };
const FLAG_MORE = 1;
const HEADER_LENGTH = 4;
const PAD_MARK = 0x80;
const OVERHEAD = TAG_LENGTH + HEADER_LENGTH + 1;

/** Bytes of a message in its largest frame; every fragment but the last has exactly this length. */
export const MAX_BODY = (FRAME_SIZES.at(-1) ?? 0) - OVERHEAD;

/** Header, body and padding up to the smallest size that fits, without the tag that encryption adds. */
export function encodeFrame({ type, stream, more, body }: Frame): Bytes {
  const size = FRAME_SIZES.find((candidate) => body.length + OVERHEAD <= candidate);
  if (size === undefined) throw new ChannelError('misuse', `a frame holds at most ${String(MAX_BODY)} bytes`);
  const plaintext = new Uint8Array(size - TAG_LENGTH);
  plaintext[0] = TYPE_BYTES[type];
  plaintext[1] = stream >>> 8;
  plaintext[2] = stream;
  plaintext[3] = more ? FLAG_MORE : 0;
  plaintext.set(body, HEADER_LENGTH);
  plaintext[HEADER_LENGTH + body.length] = PAD_MARK;
  return plaintext;
}

/** Reads what `encodeFrame` wrote and nothing else; throws ChannelError `refused`. */
export function decodeFrame(plaintext: Uint8Array): Frame {
  let end = plaintext.length - 1;
  while (end > 0 && plaintext[end] === 0) end -= 1;
  const type = plaintext[0] === TYPE_BYTES.data ? 'data' : 'close';
  const flags = plaintext[3] ?? 0;
  const frame: Frame = {
    type,
    stream: readUint16(plaintext, 1),
    more: flags === FLAG_MORE,
    body: plaintext.subarray(HEADER_LENGTH, Math.max(HEADER_LENGTH, end)),
  };
  const sound =
    end >= HEADER_LENGTH &&
    plaintext[end] === PAD_MARK &&
    plaintext[0] === TYPE_BYTES[type] &&
    flags <= FLAG_MORE &&
    frame.stream < MAX_STREAMS &&
    (!frame.more || frame.body.length === MAX_BODY) &&
    (type === 'data' || (!frame.more && frame.body.length === 0));
  if (!sound) throw new ChannelError('refused', 'the frame is not well formed');
  return frame;
}

/** Cuts a message into frames. An empty message is one empty frame. */
export function* fragment(stream: number, message: Uint8Array): Generator<Frame, void> {
  let offset = 0;
  do {
    const body = message.subarray(offset, offset + MAX_BODY);
    offset += body.length;
    yield { type: 'data', stream, more: offset < message.length, body };
  } while (offset < message.length);
}
