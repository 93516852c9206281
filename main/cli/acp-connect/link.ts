import type { Failure } from '../failure.ts';
import type { Message } from './message.ts';

/** How a connection ended: in order, lost (another may do better), or refused for good. */
export interface LinkEnd {
  readonly kind: 'done' | 'lost' | 'refused';
  readonly failure: Failure;
}

export interface LinkEvents {
  /** One message of the agent, as its bytes. */
  onFrame(frame: Buffer): void;
  /** There is room again after a `send` that answered false. */
  onDrain(): void;
  /** Once; nothing comes after it. */
  onEnd(end: LinkEnd): void;
}

/** One connection to a remote agent. */
export interface RemoteLink {
  /** @returns false when enough is waiting to be sent: wait for `onDrain` */
  send(frame: Buffer, message: Message | null): boolean;
  pause(): void;
  resume(): void;
  /** The newest round trip of the transport itself, in milliseconds, where it can tell. */
  roundTripMs(): number | null;
  /** Sends what is waiting, says goodbye, and resolves within a few seconds whatever the other side does. */
  close(): Promise<void>;
}

/** Opens a connection. @throws Failure */
export type Dial = (events: LinkEvents) => Promise<RemoteLink>;

export const MAX_FRAME = 16 * 1024 * 1024;
export const HIGH_WATER = 1024 * 1024;
export const LOW_WATER = 256 * 1024;
export const DIAL_MS = 15_000;
export const CLOSE_MS = 2_000;
/** A firewall between the two forgets a connection on which nothing is said. */
export const PING_MS = 20_000;
