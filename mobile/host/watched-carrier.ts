import type { ChannelEnd } from '../../contract/channel/secure-channel.ts';
import type { Carrier } from '../../contract/live-connection.ts';
import type { Dialled } from './dial.ts';

export interface CarrierHooks {
  /** A message of the host came, whatever it says; `first`: the first one of this channel. The client reads it next. */
  heard(first: boolean, message: Uint8Array): void;
  /** Called before the client learns of it. */
  ended(end: ChannelEnd, wasHeard: boolean): void;
}

/** The channel as the client of the contract takes it, with somebody looking on. */
export function watchedCarrier({ channel }: Dialled, hooks: CarrierHooks): Carrier {
  let heard = false;
  return {
    send: (message) => {
      channel.send(message);
    },
    close: () => {
      channel.close();
    },
    onMessage(handler) {
      channel.onMessage((message, stream) => {
        hooks.heard(!heard, message);
        heard = true;
        handler(message, stream);
      });
    },
    onClose(handler) {
      channel.onClose((end) => {
        hooks.ended(end, heard);
        handler(end);
      });
    },
  };
}
