import type { Log } from '../../kernel/ports.ts';
import type { ShimConnection, ShimConnector } from './shim/connect.ts';
import type { ShimEvent, ShimRequest } from './shim/messages.ts';

/** How long the host waits until it tries once more to get a shim that did not start. */
const RETRY_MS = 1000;
/** How long the host waits for a shim to end that is not needed any more. */
const QUIT_MS = 1000;

export interface ShimSessionDeps {
  readonly connector: ShimConnector;
  readonly clock: { after(ms: number, run: () => void): () => void };
  readonly log: Log;
  event(event: ShimEvent): void;
  /** The shim is gone, without being told to. */
  lost(): void;
  /** None could be started. */
  failed(reason: string): void;
  /** Something is held, so there must be one. */
  isNeeded(): boolean;
}

/** The shim as one who is always there: it is started with the first request, and again when it is gone. */
export interface ShimSession {
  send(request: ShimRequest): void;
  /** The same, but nothing is started for it. */
  sendIfOpen(request: ShimRequest): void;
  /** @returns false when no earlier host has left one */
  find(): Promise<boolean>;
  /** Resolves when a shim that holds nothing has ended, or after a moment. */
  close(): Promise<void>;
  /** Lets go without a word. Resolves when no start is under way any more. */
  vanish(): Promise<void>;
}

export function createShimSession(deps: ShimSessionDeps): ShimSession {
  const { connector, clock, log } = deps;
  let connection: ShimConnection | null = null;
  let waiting: ShimRequest[] = [];
  let opening: Promise<void> | null = null;
  let closed = false;
  let bye = () => {};

  /** A connection may be over before anybody knows that it is there. */
  function newListener() {
    let over = false;
    return {
      isOver: () => over,
      event: deps.event,
      closed() {
        over = true;
        connection = null;
        bye();
        if (!closed) deps.lost();
      },
    };
  }

  function connected(next: ShimConnection): void {
    connection = next;
    for (const request of waiting.splice(0)) next.send(request);
  }

  async function open(): Promise<void> {
    try {
      const listener = newListener();
      const started = await connector.start(listener);
      // Nobody is there any more who would tell it to end: it ends when it is let go.
      if (closed) {
        started.close();
        return;
      }
      if (listener.isOver()) throw new Error('it ended at once');
      connected(started);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ error: reason }, 'the process that holds the managed processes cannot be started');
      waiting = waiting.filter((request) => request.type !== 'spawn');
      deps.failed(reason);
      if (deps.isNeeded()) clock.after(RETRY_MS, openIfNeeded);
    }
  }

  function openIfNeeded(): void {
    if (connection || opening || closed) return;
    opening = open().finally(() => (opening = null));
  }

  return {
    send(request) {
      if (connection) connection.send(request);
      else {
        waiting.push(request);
        openIfNeeded();
      }
    },
    sendIfOpen: (request) => connection?.send(request),
    async find() {
      const listener = newListener();
      const found = await connector.find(listener);
      if (!found || listener.isOver()) return false;
      connected(found);
      return true;
    },
    async close() {
      // One that is just being started has to be told as well.
      await opening;
      closed = true;
      const last = connection;
      if (!last) return;
      const over = new Promise<void>((resolve) => {
        bye = resolve;
        clock.after(QUIT_MS, resolve);
      });
      last.send({ type: 'quit' });
      await over;
      last.close();
      connection = null;
    },
    async vanish() {
      closed = true;
      connection?.close();
      connection = null;
      await opening;
    },
  };
}
