import { fromUtf8, utf8 } from '../../contract/channel/bytes.ts';
import type { ChannelEnd, SecureChannel } from '../../contract/channel/secure-channel.ts';
import type { HostClient } from '../../contract/client.ts';
import { createMessageClient } from '../../contract/message-client.ts';
import { HostMessage, MAX_MESSAGE_BYTES } from '../../contract/wire.ts';

/** What a call is answered with when the connection went away before the host's answer came. */
export const ANSWER_LOST = 'The connection was lost before the answer came.';

export interface HostSession {
  readonly client: HostClient;
  /** True until the channel has ended: subscriptions and streams can be opened. */
  isOpen(): boolean;
  close(): void;
}

export interface SessionHooks {
  newCommandId(): string;
  /** A message of the host came, whatever it says. */
  heard(): void;
  ended(end: ChannelEnd): void;
}

/** The contract's client over one encrypted channel. A message that is not of the contract ends the channel. */
export function openSession(channel: SecureChannel, hooks: SessionHooks): HostSession {
  let open = true;
  const client = createMessageClient({
    send: (message) => {
      channel.send(utf8(JSON.stringify(message)));
    },
    newCommandId: hooks.newCommandId,
  });
  channel.onMessage((bytes) => {
    if (bytes.length > MAX_MESSAGE_BYTES) throw new Error('The host sent a message that is too long.');
    const message = HostMessage.parse(JSON.parse(fromUtf8(bytes)));
    hooks.heard();
    client.receive(message);
  });
  channel.onClose((end) => {
    open = false;
    client.disconnected(ANSWER_LOST);
    hooks.ended(end);
  });
  return {
    client,
    isOpen: () => open,
    close: () => {
      channel.close();
    },
  };
}
