import { initiate } from '../../contract/channel/channel-handshake.ts';
import type { InitiateOptions, Schedule } from '../../contract/channel/channel-handshake.ts';
import { CLOSE_REFUSED } from '../../contract/channel/frame-pipe.ts';
import type { SecureChannel } from '../../contract/channel/secure-channel.ts';
import { channelUrl } from './address.ts';
import type { DrawBytes } from './random.ts';
import type { OpenPipeTo } from './web-socket-pipe.ts';

export interface DialDeps {
  readonly openPipe: OpenPipeTo;
  readonly random: DrawBytes;
  readonly schedule: Schedule;
}

/** A channel that stands, through which address, and whether the pipe under it ended with a refusal. */
export interface Dialled {
  readonly channel: SecureChannel;
  readonly address: string;
  wasRefused(): boolean;
}

type WithoutCommon<T> = T extends unknown ? Omit<T, 'pipe' | 'random' | 'schedule'> : never;
/** Who we are and what we want, as `initiate` takes it. */
export type Greeting = WithoutCommon<InitiateOptions>;

/**
 * Tries the addresses one after the other until the host behind one proves its key. Undefined when none did: an
 * address where somebody else answers is the same as one where nobody does.
 */
export async function dial(
  { openPipe, random, schedule }: DialDeps,
  addresses: readonly string[],
  greeting: Greeting,
): Promise<Dialled | undefined> {
  for (const address of addresses) {
    try {
      const pipe = await openPipe(channelUrl(address));
      const channel = await initiate({ ...greeting, pipe, random, schedule });
      return { channel, address, wasRefused: () => pipe.endCode() === CLOSE_REFUSED };
    } catch {
      // The next address may lead to the host; what went wrong here says nothing the person can use.
    }
  }
  return undefined;
}

/** Timers of the platform in the form that the channel takes. */
export const platformSchedule: Schedule = (delay, run) => {
  const timer = setTimeout(run, delay);
  return () => {
    clearTimeout(timer);
  };
};
