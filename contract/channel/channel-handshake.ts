import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, isZero, readUint16, utf8, type Bytes, type Random } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import { TAG_LENGTH } from './cipher-state.ts';
import { DH_LENGTH, type DhKey } from './dh-key.ts';
import { CLOSE_REFUSED, openInbox, type FramePipe, type Inbox } from './frame-pipe.ts';
import {
  decodeAnnouncement,
  decodePayload,
  encodeAnnouncement,
  encodePayload,
  MAX_PAYLOAD,
  PAIR_ID_LENGTH,
  PairPayload,
  SessionPayload,
  type Announcement,
} from './handshake-payloads.ts';
import { createHandshake, PSK_LENGTH, type Handshake, type HandshakeOptions } from './noise.ts';
import { createSecureChannel, type SecureChannel } from './secure-channel.ts';

/** Version of everything after the hello. There is one suite and nothing to negotiate. */
export const CHANNEL_VERSION = 1;
/** The WebSocket subprotocol that both sides name. */
export const CHANNEL_PROTOCOL = 'signalbox.e2e.1';
/** A handshake that has not finished by then, in milliseconds, is abandoned. */
export const HANDSHAKE_TIMEOUT = 5000;

const SUITE = 1;
/** First frame, in clear, and the prologue of the handshake: who alters it makes every later check fail. */
const HELLO = concat(utf8('SBE2'), Uint8Array.of(SUITE, CHANNEL_VERSION));
const FIRST_MESSAGE_LENGTH = DH_LENGTH + 1 + PAIR_ID_LENGTH + TAG_LENGTH;
const THIRD_MESSAGE_LIMIT = DH_LENGTH + TAG_LENGTH + MAX_PAYLOAD + TAG_LENGTH;

/**
 * Runs something once after `delay` milliseconds of monotonic time; gives a function that calls it off.
 * `(delay, run) => { const timer = setTimeout(run, delay); return () => clearTimeout(timer); }`
 */
export type Schedule = (delay: number, run: () => void) => () => void;

interface Common {
  readonly pipe: FramePipe;
  readonly random: Random;
  readonly schedule: Schedule;
}

export type InitiateOptions = Common & {
  /** The phone's static key for this host. */
  readonly deviceKey: DhKey;
  /** From the pairing text, later from the phone's store. */
  readonly hostPublicKey: Uint8Array;
  /** 32 bytes: of the invitation when pairing, of this device afterwards. */
  readonly psk: Uint8Array;
} & (
    | { readonly mode: 'pair'; readonly pairId: Uint8Array; readonly payload: PairPayload }
    | { readonly mode: 'session'; readonly payload: SessionPayload }
  );

/** A claim to be somebody, read from message 3 but not yet proven. */
export interface Claim extends Announcement {
  readonly remoteStatic: Bytes;
  /** Which of the host's keys it knocked on. */
  readonly hostPublicKey: Uint8Array;
}

/** A proven device and what it asks for. */
export type Opening =
  | {
      readonly mode: 'pair';
      readonly pairId: Bytes;
      readonly remoteStatic: Bytes;
      readonly payload: PairPayload;
    }
  | { readonly mode: 'session'; readonly remoteStatic: Bytes; readonly payload: SessionPayload };

export type RespondOptions = Common & {
  readonly hostKey: DhKey;
  /** Keys that the host had before, for devices that do not know the new one yet; tried in this order. */
  readonly olderHostKeys?: readonly DhKey[];
  /** The 32-byte key for this claim, or null if there is none: the phone cannot tell null from a wrong key. */
  readonly lookup: (claim: Claim) => Uint8Array | null | Promise<Uint8Array | null>;
  /**
   * Runs in the tick that proves message 3, before any other code: burn the invitation here. Throw to refuse.
   * It returns undefined, not a promise: whatever must wait comes after `respond` resolves.
   */
  readonly onVerified: (opening: Opening) => undefined;
  /**
   * Runs when message 3 did not prove its claim or held no valid payload; for counting failures. Not called if
   * `onVerified` refused. The claim's static key may be somebody else's: never lock a device out because of it.
   */
  readonly onRefused?: (claim: Claim) => void;
};

export type Responded = Opening & {
  readonly channel: SecureChannel;
  /** Which of the host's keys it knocked on. */
  readonly hostPublicKey: Uint8Array;
};

/**
 * The phone's side: `XKpsk3` as initiator. Resolves when our last message is sent. The host's consent shows
 * only in its first message: with a wrong psk, or refused, the channel ends (`lost`) before that message. How
 * long to wait for it is the caller's to decide. Rejects with ChannelError; the pipe is then closed.
 */
export async function initiate(options: InitiateOptions): Promise<SecureChannel> {
  return supervise(options, 0, (inbox) => startInitiator(options, inbox));
}

function startInitiator(options: InitiateOptions, inbox: Inbox): Started<SecureChannel> {
  const pairId = options.mode === 'pair' ? options.pairId : new Uint8Array(PAIR_ID_LENGTH);
  if (pairId.length !== PAIR_ID_LENGTH) throw new ChannelError('misuse', 'a pairing id has 8 bytes');
  const announcement = encodeAnnouncement({ mode: options.mode, pairId: Uint8Array.from(pairId) });
  const payload = encodePayload(options.mode, options.payload);
  const handshake = channelHandshake({
    initiator: true,
    staticKey: options.deviceKey,
    remoteStatic: options.hostPublicKey,
    psk: () => options.psk,
    random: options.random,
  });
  const run = async (): Promise<SecureChannel> => {
    options.pipe.send(HELLO);
    options.pipe.send(await handshake.writeMessage(announcement));
    const version = await handshake.readMessage(await inbox.next());
    if (!equal(version, Uint8Array.of(CHANNEL_VERSION))) {
      throw new ChannelError('refused', 'the host answered with another version');
    }
    options.pipe.send(await handshake.writeMessage(payload));
    return openChannel(options.pipe, handshake, inbox);
  };
  return { destroy: handshake.destroy, run };
}

/**
 * The host's side: `XKpsk3` as responder. Resolves with the proven device and its channel. On any failure it
 * waits a random 50 to 150 ms, closes the pipe with CLOSE_REFUSED and no reason, and rejects with ChannelError
 * (for the log, never for the peer). It may reject as `lost` after `onVerified` ran: an invitation that was
 * burnt then stays bound to that key, and the same phone may try again. Limits on how many run at once are the
 * caller's.
 */
export async function respond(options: RespondOptions): Promise<Responded> {
  const refusalDelay = 50 + (readUint16(options.random(2), 0) % 101);
  return supervise(options, refusalDelay, (inbox) => startResponder(options, inbox));
}

function startResponder(options: RespondOptions, inbox: Inbox): Started<Responded> {
  let announcement: Announcement | undefined;
  let claim: Claim | undefined;
  const attempt = (hostKey: DhKey) => ({
    hostPublicKey: hostKey.publicKey,
    handshake: channelHandshake({
      initiator: false,
      staticKey: hostKey,
      random: options.random,
      psk: async (remoteStatic) => {
        // drawn whether needed or not, so that an unknown device costs the same time
        const decoy = options.random(PSK_LENGTH);
        if (announcement === undefined || remoteStatic === undefined) return decoy;
        claim = {
          ...announcement,
          remoteStatic: Uint8Array.from(remoteStatic),
          hostPublicKey: hostKey.publicKey,
        };
        return (await options.lookup(claim)) ?? decoy;
      },
    }),
  });
  const attempts = [options.hostKey, ...(options.olderHostKeys ?? [])].map(attempt);
  /** Message 1 is encrypted to the host key that the phone knows: the one that opens it is meant. */
  const readFirst = async (first: Uint8Array) => {
    let failure: unknown;
    for (const tried of attempts) {
      try {
        announcement = decodeAnnouncement(await tried.handshake.readMessage(first));
        return tried;
      } catch (cause) {
        failure = cause;
      }
    }
    throw failure;
  };
  const readThird = async (handshake: Handshake, message: Uint8Array): Promise<Opening | undefined> => {
    let opening: Opening | undefined;
    try {
      await handshake.readMessage(message, (payload) => {
        if (claim === undefined) return;
        opening = readOpening(claim, payload);
        options.onVerified(opening);
      });
      return opening;
    } catch (cause) {
      if (claim !== undefined && opening === undefined && !inbox.isBroken()) options.onRefused?.(claim);
      throw cause;
    }
  };
  const run = async (): Promise<Responded> => {
    if (!equal(await inbox.next(), HELLO)) throw new ChannelError('refused', 'this is no hello that we know');
    const first = await inbox.next();
    if (first.length !== FIRST_MESSAGE_LENGTH)
      throw new ChannelError('refused', 'message 1 has a wrong length');
    const { handshake, hostPublicKey } = await readFirst(first);
    options.pipe.send(await handshake.writeMessage(Uint8Array.of(CHANNEL_VERSION)));
    const third = await inbox.next();
    if (third.length > THIRD_MESSAGE_LIMIT) throw new ChannelError('refused', 'message 3 is too long');
    const opening = await readThird(handshake, third);
    if (opening === undefined) throw new ChannelError('refused', 'message 3 proved nothing');
    return { ...opening, hostPublicKey, channel: openChannel(options.pipe, handshake, inbox) };
  };
  return { destroy: () => attempts.forEach(({ handshake }) => handshake.destroy()), run };
}

function readOpening({ mode, pairId, remoteStatic }: Claim, payload: Uint8Array): Opening {
  return mode === 'pair'
    ? { mode, pairId, remoteStatic, payload: decodePayload(PairPayload, payload) }
    : { mode, remoteStatic, payload: decodePayload(SessionPayload, payload) };
}

function channelHandshake(options: Omit<HandshakeOptions, 'pattern' | 'hash' | 'prologue'>): Handshake {
  return createHandshake({
    ...options,
    pattern: 'XKpsk3',
    hash: { name: 'SHA256', hash: sha256 },
    prologue: HELLO,
  });
}

/** Everything in one tick, so that no frame falls between the inbox and the channel. */
function openChannel(pipe: FramePipe, handshake: Handshake, inbox: Inbox): SecureChannel {
  const early = inbox.release();
  const { send, receive, handshakeHash } = handshake.split();
  return createSecureChannel({ pipe, send, receive, handshakeHash, early });
}

interface Started<T> {
  /** Wipes the keys of the handshake. Harmless when repeated, and after `split`. */
  readonly destroy: () => void;
  readonly run: () => Promise<T>;
}

/** Runs a handshake against the deadline; whatever goes wrong wipes its keys and closes the pipe. */
async function supervise<T>(
  { pipe, random, schedule }: Common,
  refusalDelay: number,
  start: (inbox: Inbox) => Started<T>,
): Promise<T> {
  const inbox = openInbox(pipe);
  let destroy = () => {};
  const cancelDeadline = schedule(HANDSHAKE_TIMEOUT, () => {
    // before the promise settles, so that nothing can be verified too late
    destroy();
    inbox.fail(new ChannelError('late', 'the handshake did not finish in time'));
  });
  try {
    assertRandomWorks(random);
    const started = start(inbox);
    destroy = started.destroy;
    return await Promise.race([inbox.broken, started.run()]);
  } catch (cause) {
    destroy();
    const error =
      cause instanceof ChannelError ? cause : new ChannelError('refused', 'the handshake was refused', cause);
    inbox.fail(error);
    if (!inbox.isPipeClosed()) {
      if (refusalDelay > 0) await new Promise<void>((resolve) => schedule(refusalDelay, resolve));
      pipe.close(CLOSE_REFUSED);
    }
    throw error;
  } finally {
    cancelDeadline();
  }
}

/** Some phones have returned zeros as randomness: two draws must be neither empty nor equal. */
function assertRandomWorks(random: Random): void {
  const [first, second] = [random(DH_LENGTH), random(DH_LENGTH)];
  const usable =
    first.length === DH_LENGTH && second.length === DH_LENGTH && !isZero(first) && !isZero(second);
  if (!usable || equal(first, second)) {
    throw new ChannelError('misuse', 'the source of randomness returned nothing usable');
  }
}
