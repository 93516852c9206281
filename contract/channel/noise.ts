import type { CHash } from '@noble/hashes/utils.js';
import { concat, type Bytes, type Random } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import { MAX_NOISE_MESSAGE, TAG_LENGTH, type CipherState } from './cipher-state.ts';
import { DH_LENGTH, generateDhKey, sharedSecret, type DhKey, type OwnedDhKey } from './dh-key.ts';
import { noisePattern, type Token } from './noise-patterns.ts';
import { createSymmetricState } from './symmetric-state.ts';

/** Length of a pre-shared key (section 9.1). */
export const PSK_LENGTH = 32;

/** Hash function and its name in the protocol name (section 8). */
export interface NoiseHash {
  readonly name: string;
  readonly hash: CHash;
}

export interface HandshakeOptions {
  /** Pattern with modifiers, such as `XKpsk3`; the cipher is always ChaChaPoly, the curve 25519. */
  readonly pattern: string;
  readonly hash: NoiseHash;
  readonly initiator: boolean;
  /** Bytes that both sides must have seen alike before the first message (section 6). */
  readonly prologue: Uint8Array;
  readonly staticKey?: DhKey;
  /** The peer's static public key, if the pattern says that it is known beforehand. */
  readonly remoteStatic?: Uint8Array;
  /**
   * Called when a `psk` token comes up, so that a responder can choose the key by the static key that it has
   * just read. That static key is not yet proven at this moment. `index` counts the psk tokens from 0.
   */
  readonly psk?: (remoteStatic: Uint8Array | undefined, index: number) => Uint8Array | Promise<Uint8Array>;
  readonly random: Random;
}

/** What a finished handshake leaves behind. */
export interface HandshakeResult {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** Unique to this session, the same on both sides (section 11.2, channel binding). */
  readonly handshakeHash: Bytes;
  readonly remoteStatic: Bytes | undefined;
}

/**
 * HandshakeState (section 5.3) with asynchronous Diffie-Hellman. Strictly one call at a time and in turn. The
 * first failure of any kind wipes it; so does `split`. A wiped handshake refuses every call.
 */
export interface Handshake {
  /** The next message with this payload, at most 65,535 bytes in all. */
  writeMessage(payload: Uint8Array): Promise<Bytes>;
  /**
   * Gives the payload of the peer's message. `verified` runs in the very tick in which the message proves
   * authentic, before any other code can run; if it throws, the message is refused.
   */
  readMessage(message: Uint8Array, verified?: (payload: Bytes) => void): Promise<Bytes>;
  /** The transport keys, once, when all messages have passed. */
  split(): HandshakeResult;
  destroy(): void;
}

type Phase = 'ready' | 'busy' | 'complete' | 'ended';

/** Initialize (section 5.3): mixes in the prologue and the keys that are known beforehand. */
export function createHandshake(options: HandshakeOptions): Handshake {
  const { initiator, staticKey, random } = options;
  const pattern = noisePattern(options.pattern);
  const symmetric = createSymmetricState(
    options.hash.hash,
    `Noise_${pattern.name}_25519_ChaChaPoly_${options.hash.name}`,
  );
  let remoteStatic = options.remoteStatic === undefined ? undefined : Uint8Array.from(options.remoteStatic);
  let ephemeral: OwnedDhKey | undefined;
  let remoteEphemeral: Uint8Array | undefined;
  let phase = 'ready' as Phase;
  let step = 0;
  let psksUsed = 0;

  const destroy = (): void => {
    phase = 'ended';
    ephemeral?.destroy();
    symmetric.destroy();
  };
  /** After every await: a deadline may have destroyed the handshake meanwhile. */
  const assertBusy = (): void => {
    if (phase !== 'busy') throw new ChannelError('closed', 'the handshake was abandoned');
  };

  const diffieHellman = async (token: Token): Promise<void> => {
    // the first letter names the initiator's key, the second the responder's (section 5.3)
    const [own, theirs] = initiator ? [token[0], token[1]] : [token[1], token[0]];
    const key = required(own === 's' ? staticKey : ephemeral, 'own key');
    const remote = required(theirs === 's' ? remoteStatic : remoteEphemeral, 'remote key');
    const shared = await sharedSecret(key, remote);
    assertBusy();
    symmetric.mixKey(shared);
    shared.fill(0);
  };
  const mixPsk = async (): Promise<void> => {
    const psk = await required(options.psk, 'pre-shared key')(remoteStatic, psksUsed++);
    assertBusy();
    if (psk.length !== PSK_LENGTH) throw new ChannelError('misuse', 'a pre-shared key has 32 bytes');
    symmetric.mixKeyAndHash(psk);
  };
  const mixEphemeral = (publicKey: Uint8Array): void => {
    symmetric.mixHash(publicKey);
    if (pattern.usesPsk) symmetric.mixKey(publicKey);
  };

  const writeToken = async (token: Token): Promise<Uint8Array | undefined> => {
    if (token === 'e') {
      ephemeral = generateDhKey(random);
      mixEphemeral(ephemeral.publicKey);
      return ephemeral.publicKey;
    }
    if (token === 's') return symmetric.encryptAndHash(required(staticKey, 'own static key').publicKey);
    await (token === 'psk' ? mixPsk() : diffieHellman(token));
    return undefined;
  };
  /** Handles one token and returns how many bytes of the message it used. */
  const readToken = async (token: Token, rest: Uint8Array): Promise<number> => {
    if (token === 'e') {
      remoteEphemeral = take(rest, DH_LENGTH);
      mixEphemeral(remoteEphemeral);
      return DH_LENGTH;
    }
    if (token === 's') {
      const length = DH_LENGTH + (symmetric.hasKey() ? TAG_LENGTH : 0);
      remoteStatic = symmetric.decryptAndHash(take(rest, length));
      return length;
    }
    await (token === 'psk' ? mixPsk() : diffieHellman(token));
    return 0;
  };

  /** Runs one message: checks whose turn it is, keeps a second call out, and wipes everything on failure. */
  const exclusively = async <T>(
    writing: boolean,
    run: (tokens: readonly Token[]) => Promise<T>,
  ): Promise<T> => {
    try {
      const tokens = pattern.messages[step];
      if (phase === 'ended') throw new ChannelError('closed', 'the handshake has ended');
      if (phase !== 'ready' || tokens === undefined || (step % 2 === 0) !== (initiator === writing)) {
        throw new ChannelError('misuse', 'this is not the next step of the handshake');
      }
      phase = 'busy';
      const result = await run(tokens);
      assertBusy();
      step += 1;
      phase = step === pattern.messages.length ? 'complete' : 'ready';
      return result;
    } catch (cause) {
      destroy();
      if (cause instanceof ChannelError) throw cause;
      throw new ChannelError('refused', `message ${String(step + 1)} of the handshake was refused`, cause);
    }
  };

  if (staticKey !== undefined) publicKeyOf(staticKey.publicKey);
  symmetric.mixHash(options.prologue);
  const known: readonly [boolean, boolean][] = [
    [pattern.initiatorKnown, initiator],
    [pattern.responderKnown, !initiator],
  ];
  for (const [isKnown, isOwn] of known) {
    if (isKnown) symmetric.mixHash(publicKeyOf(isOwn ? staticKey?.publicKey : remoteStatic));
  }

  return {
    destroy,
    writeMessage: (payload) =>
      exclusively(true, async (tokens) => {
        const parts: Uint8Array[] = [];
        for (const token of tokens) parts.push((await writeToken(token)) ?? new Uint8Array(0));
        const message = concat(...parts, symmetric.encryptAndHash(payload));
        if (message.length <= MAX_NOISE_MESSAGE) return message;
        throw new ChannelError('misuse', 'a Noise message holds at most 65,535 bytes');
      }),
    readMessage: (message, verified) =>
      exclusively(false, async (tokens) => {
        if (message.length > MAX_NOISE_MESSAGE) throw new ChannelError('refused', 'the message is too long');
        let used = 0;
        for (const token of tokens) used += await readToken(token, message.subarray(used));
        const payload = symmetric.decryptAndHash(message.subarray(used));
        verified?.(payload);
        return payload;
      }),
    split() {
      if (phase !== 'complete') throw new ChannelError('misuse', 'the handshake is not complete');
      const { initiatorToResponder, responderToInitiator } = symmetric.split();
      const handshakeHash = symmetric.handshakeHash();
      destroy();
      return initiator
        ? { send: initiatorToResponder, receive: responderToInitiator, handshakeHash, remoteStatic }
        : { send: responderToInitiator, receive: initiatorToResponder, handshakeHash, remoteStatic };
    },
  };
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ChannelError('misuse', `the handshake pattern needs the ${what}`);
  return value;
}

function publicKeyOf(key: Uint8Array | undefined): Uint8Array {
  const value = required(key, 'static key that is known beforehand');
  if (value.length !== DH_LENGTH) throw new ChannelError('misuse', 'an X25519 public key has 32 bytes');
  return value;
}

function take(bytes: Uint8Array, length: number): Bytes {
  if (bytes.length < length) throw new ChannelError('refused', 'the message is too short');
  return Uint8Array.from(bytes.subarray(0, length));
}
