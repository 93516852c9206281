import type { Bytes } from './bytes.ts';
import { ChannelError } from './channel-error.ts';

/**
 * What carries frames: a WebSocket and nothing else so far. Frames arrive whole, in order, at most once; the
 * channel trusts it with nothing more. Setting a handler replaces the one before. For a browser or `ws` socket
 * with `binaryType = 'arraybuffer'`:
 *
 *     const pipe: FramePipe = {
 *       send: (frame) => socket.send(frame),
 *       close: (code) => socket.close(code),
 *       onMessage: (handler) => {
 *         socket.onmessage = ({ data }) => {
 *           if (data instanceof ArrayBuffer) handler(new Uint8Array(data));
 *           else socket.close(CLOSE_REFUSED); // text has no place here
 *         };
 *       },
 *       onClose: (handler) => {
 *         socket.onclose = ({ code }) => handler(code);
 *       },
 *     };
 *
 * Set it up with compression off, a payload limit of MAX_PIPE_FRAME, and before the first frame can arrive.
 */
export interface FramePipe {
  send(frame: Bytes): void;
  onMessage(handler: (frame: Uint8Array) => void): void;
  /** WebSocket close code; without one a normal end. */
  close(code?: number): void;
  /** Called once when the pipe has ended, whoever ended it. */
  onClose(handler: (code?: number) => void): void;
}

/** Largest frame that a pipe needs to accept. */
export const MAX_PIPE_FRAME = 65535;
/** Close code after a good end. */
export const CLOSE_NORMAL = 1000;
/** Close code for every refusal, whatever it was: the peer learns nothing from it. */
export const CLOSE_REFUSED = 4400;

/** A peer may send on before we have checked its handshake; this much is kept, in bytes, then we refuse. */
const MAX_WAITING = 1024 * 1024;

/** Turns a pipe's callbacks into "give me the next frame", for the time of the handshake. */
export interface Inbox {
  next(): Promise<Uint8Array>;
  /** Rejects when the pipe ends, the peer floods us, or `fail` is called. */
  readonly broken: Promise<never>;
  isBroken(): boolean;
  isPipeClosed(): boolean;
  fail(error: ChannelError): void;
  /** Hands over the frames that arrived early; the caller must set its own handlers in the same tick. */
  release(): readonly Uint8Array[];
}

export function openInbox(pipe: FramePipe): Inbox {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let deliver: ((frame: Uint8Array) => void) | undefined;
  let failure: ChannelError | undefined;
  let pipeClosed = false;
  let reject: (error: ChannelError) => void = () => undefined;
  const broken = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  broken.catch(() => undefined); // a failure between two awaits is reported by the next one

  const fail = (error: ChannelError): void => {
    failure ??= error;
    waiting.length = 0;
    reject(failure);
  };
  pipe.onMessage((frame) => {
    if (failure !== undefined) return;
    if (deliver !== undefined) {
      const hand = deliver;
      deliver = undefined;
      hand(frame);
      return;
    }
    waitingBytes += frame.length;
    if (waitingBytes > MAX_WAITING) fail(new ChannelError('refused', 'too much data before the handshake'));
    else waiting.push(frame);
  });
  pipe.onClose(() => {
    pipeClosed = true;
    fail(new ChannelError('lost', 'the connection ended during the handshake'));
  });

  return {
    broken,
    isBroken: () => failure !== undefined,
    isPipeClosed: () => pipeClosed,
    fail,
    next() {
      if (failure !== undefined) return broken;
      const frame = waiting.shift();
      if (frame === undefined) {
        return Promise.race([broken, new Promise<Uint8Array>((resolve) => (deliver = resolve))]);
      }
      waitingBytes -= frame.length;
      return Promise.resolve(frame);
    },
    release() {
      if (failure !== undefined) throw failure;
      return waiting.splice(0);
    },
  };
}
