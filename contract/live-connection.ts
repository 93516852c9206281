import { fromUtf8, utf8 } from './channel/bytes.ts';
import type { Schedule } from './channel/channel-handshake.ts';
import type { SecureChannel } from './channel/secure-channel.ts';
import { createMessageClient, type MessageClient } from './message-client.ts';
import { createSilenceWatch, type Patience } from './silence-watch.ts';
import { HostMessage, type ClientMessage, type Welcome } from './wire.ts';

export type Carrier = Pick<SecureChannel, 'send' | 'onMessage' | 'onClose' | 'close'>;
/** What the host says of the session itself. */
export type Notice = Extract<HostMessage, { type: 'goodbye' | 'renewal' | 'rotate' }>;

export interface LiveConnectionDeps {
  readonly carrier: Carrier;
  readonly schedule: Schedule;
  readonly patience: Patience;
  welcomed(welcome: Welcome): void;
  noticed(notice: Notice): void;
  /** Whether an answer is awaited now. */
  awaiting(): boolean;
  /** Called once, whoever ended it; `isOpen` is false by then. */
  ended(): void;
}

export interface LiveConnection {
  readonly client: MessageClient;
  /** Takes over the handlers of the channel. What has come already is told before this returns, even its end. */
  begin(): void;
  isOpen(): boolean;
  /** Never throws: what cannot be sent ends the connection. */
  send(message: ClientMessage): void;
  /** To be called when `awaiting` has become true. */
  expectAnswer(): void;
  close(): void;
}

/**
 * One encrypted channel to a host, from its welcome to its end, which silence brings about as well as an error.
 */
export function createLiveConnection(deps: LiveConnectionDeps): LiveConnection {
  const { carrier, schedule, patience, welcomed, noticed, ended, awaiting } = deps;
  let over = false;
  let greeted = false;
  let cancelWelcome = () => {};
  const watch = createSilenceWatch(schedule, patience, {
    awaiting,
    ask: () => send({ type: 'ping' }),
    giveUp: () => finish(),
  });
  const client = createMessageClient({ send, newCommandId: () => '' });

  function send(message: ClientMessage): void {
    if (over) return;
    try {
      carrier.send(utf8(JSON.stringify(message)));
    } catch {
      finish();
    }
  }

  function finish(): void {
    if (over) return;
    over = true;
    cancelWelcome();
    watch.stop();
    carrier.close();
    client.disconnected('the connection to the host was lost');
    ended();
  }

  function receive(message: HostMessage): void {
    watch.heard();
    if (message.type === 'goodbye' || message.type === 'renewal') {
      // The owner of the host is being asked: that takes as long as the host says.
      cancelWelcome();
      noticed(message);
    } else if (message.type === 'welcome' || !greeted) {
      if (message.type !== 'welcome' || greeted) throw new Error('a session begins with one welcome');
      greeted = true;
      cancelWelcome();
      watch.start();
      welcomed(message);
    } else if (message.type === 'rotate') noticed(message);
    else if (message.type === 'pong') watch.answered();
    else client.receive(message);
  }

  return {
    ...{ client, send, expectAnswer: watch.hurry, close: finish },
    isOpen: () => !over,
    begin() {
      cancelWelcome = schedule(patience.welcomeMs, finish);
      carrier.onMessage((bytes) => {
        const message = HostMessage.parse(JSON.parse(fromUtf8(bytes)));
        if (!over) receive(message);
      });
      carrier.onClose(finish);
    },
  };
}
