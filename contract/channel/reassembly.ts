import { concat } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import type { Frame } from './frame-codec.ts';

/** Longest message, in bytes, that a channel carries. */
export const MAX_MESSAGE = 8 * 1024 * 1024;

/** Collects the fragments of each stream. */
export interface Reassembly {
  /** The message that this frame completes, if it does. Throws ChannelError `refused` above MAX_MESSAGE. */
  add(frame: Frame): Uint8Array | undefined;
  clear(): void;
}

export function createReassembly(): Reassembly {
  const partial = new Map<number, { readonly parts: Uint8Array[]; length: number }>();
  return {
    add({ stream, more, body }) {
      // most messages are one frame, and a frame that was opened belongs to nobody else
      if (!more && !partial.has(stream)) return body;
      const message = partial.get(stream) ?? { parts: [], length: 0 };
      message.length += body.length;
      if (message.length > MAX_MESSAGE) throw new ChannelError('refused', 'the message is longer than 8 MiB');
      message.parts.push(body);
      if (more) {
        partial.set(stream, message);
        return undefined;
      }
      partial.delete(stream);
      return concat(...message.parts);
    },
    clear: () => {
      partial.clear();
    },
  };
}
