import { randomBytes } from 'node:crypto';
import { utf8 } from '../../../contract/channel/bytes.ts';
import { createCipherState, type CipherState } from '../../../contract/channel/cipher-state.ts';
import { createPipePair, type PipePair, type Relay } from '../../../contract/channel/fakes.ts';
import {
  createSecureChannel,
  type ChannelEnd,
  type SecureChannel,
} from '../../../contract/channel/secure-channel.ts';

export const NONE = new Uint8Array(0);
export const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const text = (value: string): Uint8Array => utf8(value);

export function keyed(key: Uint8Array): CipherState {
  const state = createCipherState();
  state.initializeKey(key);
  return state;
}

/** What one side of a test has seen. */
interface End {
  readonly channel: SecureChannel;
  readonly messages: Uint8Array[];
  readonly streams: number[];
  readonly ends: ChannelEnd[];
}

export interface Link {
  readonly pipes: PipePair;
  readonly left: End;
  readonly right: End;
  /** Keys for a hand that forges frames: from left to right, and back. */
  readonly keys: readonly [Uint8Array, Uint8Array];
}

/** Two ends whose keys fit, and what each has seen. */
export function connect(relay?: Relay): Link {
  const pipes = createPipePair(relay);
  const keys = [bytes(32), bytes(32)] as const;
  const handshakeHash = Uint8Array.from(bytes(32));
  const end = (pipe: PipePair['left'], send: Uint8Array, receive: Uint8Array): End => {
    const channel = createSecureChannel({
      pipe,
      send: keyed(send),
      receive: keyed(receive),
      handshakeHash,
      early: [],
    });
    const seen: End = { channel, messages: [], streams: [], ends: [] };
    channel.onMessage((message, stream) => {
      seen.messages.push(message);
      seen.streams.push(stream);
    });
    channel.onClose((how) => seen.ends.push(how));
    return seen;
  };
  return { pipes, keys, left: end(pipes.left, keys[0], keys[1]), right: end(pipes.right, keys[1], keys[0]) };
}

/** Lets everything that is already under way arrive. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const reasons = (end: End): string[] => end.ends.map(({ reason }) => reason);
