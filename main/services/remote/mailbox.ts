import type { ServerResponse } from 'node:http';

const PREFIX = Buffer.from('data: ');
const SUFFIX = Buffer.from('\n\n');
const STILL_HERE = Buffer.from(':\n\n');

export interface Mailbox {
  /** One line of the agent, without line ends. */
  push(line: Buffer): void;
  /** Sends what waits, and all that comes, as server-sent events. False while somebody else receives already. */
  attach(response: ServerResponse): boolean;
  /** Says that the stream is alive, to a reader that has nothing to read. */
  beat(): void;
  hasReceiver(): boolean;
  isEmpty(): boolean;
  /** Sends nothing more and ends the stream. */
  finish(): void;
}

export interface MailboxHooks {
  queued(bytes: number): void;
  /** So many bytes have gone to the reader's socket. */
  taken(bytes: number): void;
  /** A reader came, or went. */
  changed(): void;
}

/** One stream to a client over HTTP. What nobody reads yet waits here; what a reader does not take is not sent. */
export function createMailbox(hooks: MailboxHooks): Mailbox {
  let queue: Buffer[] = [];
  let head = 0;
  let receiver: ServerResponse | null = null;
  let blocked = false;

  function pump(): void {
    while (receiver !== null && !blocked && head < queue.length) {
      const line = queue[head] ?? Buffer.alloc(0);
      head += 1;
      blocked = !receiver.write(Buffer.concat([PREFIX, line, SUFFIX]));
      if (head === queue.length) {
        queue = [];
        head = 0;
      }
      hooks.taken(line.length);
    }
  }

  function detach(response: ServerResponse): void {
    if (receiver !== response) return;
    receiver = null;
    blocked = false;
    hooks.changed();
  }

  return {
    push(line) {
      queue.push(line);
      hooks.queued(line.length);
      pump();
    },
    attach(response) {
      if (receiver !== null) return false;
      receiver = response;
      response.on('error', () => detach(response));
      response.on('close', () => detach(response));
      response.on('drain', () => {
        if (receiver !== response) return;
        blocked = false;
        pump();
      });
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.flushHeaders();
      hooks.changed();
      pump();
      return true;
    },
    beat() {
      if (receiver !== null && !blocked) blocked = !receiver.write(STILL_HERE);
    },
    hasReceiver: () => receiver !== null,
    isEmpty: () => head === queue.length,
    finish() {
      const last = receiver;
      receiver = null;
      queue = [];
      head = 0;
      last?.end();
    },
  };
}
