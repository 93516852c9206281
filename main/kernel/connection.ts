import { setMaxListeners } from 'node:events';
import type { ByteSource } from '../../contract/byte-stream.ts';
import { describeIssues, HostError } from '../../contract/errors.ts';
import { ClientMessage, type HostMessage } from '../../contract/wire.ts';
import type { ByteStreams } from './byte-streams.ts';
import { runInCall } from './call-scope.ts';
import type { Caller } from './caller.ts';
import type { CallStamp, OnceRouter } from './idempotency.ts';
import { createStateFeed, type Backlog } from './state-feed.ts';
import type { HostStore } from './store.ts';
import { viewFor } from './view.ts';

const MAX_CALLS = 64;
const MAX_STREAMS = 16;

export interface ConnectionDeps {
  caller: Caller;
  call: OnceRouter;
  store: Pick<HostStore, 'subscribe'>;
  streams: ByteStreams;
  send(message: HostMessage): void;
  backlog?: Backlog | undefined;
}

export interface Connection {
  /** One message of the peer, not yet trusted. Throws HostError `invalid_input`: the carrier then hangs up. */
  receive(raw: unknown): void;
  close(): void;
}

/** One client on one carrier: calls, the state stream and byte streams, all by the caller's rights. */
export function createConnection(deps: ConnectionDeps): Connection {
  const { caller, call, store, streams, send } = deps;
  const open = new Map<number, { ack(offset: number): void; close(): void }>();
  const gone = new AbortController();
  // As many as there may be calls, and each may want to know.
  setMaxListeners(MAX_CALLS, gone.signal);
  let running = 0;
  let closed = false;

  const deliver = (message: HostMessage) => {
    if (!closed) send(message);
  };
  const state = createStateFeed(
    (from, onFrame) => store.subscribe(viewFor(caller), from, onFrame),
    (frame) => deliver({ type: 'frame', frame }),
    deps.backlog,
  );

  async function answer(id: number, name: string, input: unknown, stamp: CallStamp): Promise<void> {
    if (running >= MAX_CALLS) {
      const error = new HostError(
        'too_many',
        `more than ${MAX_CALLS} calls at once on one connection`,
      ).toWire();
      deliver({ type: 'reply', id, reply: { ok: false, error } });
      return;
    }
    running += 1;
    const reply = await runInCall(gone.signal, () => call(caller, name, input, stamp));
    running -= 1;
    deliver({ type: 'reply', id, reply });
  }

  function follow(id: number, source: ByteSource, offset: number): void {
    if (!caller.capabilities.has('view') || open.has(id) || open.size >= MAX_STREAMS) {
      return deliver({ type: 'ended', id, reason: 'refused' });
    }
    const stream = streams.follow(source, offset, {
      chunk: (chunk) => deliver({ type: 'chunk', id, ...chunk }),
      end: (reason) => {
        open.delete(id);
        deliver({ type: 'ended', id, reason });
      },
    });
    if (stream) open.set(id, stream);
  }

  function receive(raw: unknown): void {
    const parsed = ClientMessage.safeParse(raw);
    if (!parsed.success) throw new HostError('invalid_input', `bad message: ${describeIssues(parsed.error)}`);
    const message = parsed.data;
    switch (message.type) {
      case 'call':
        void answer(message.id, message.name, message.input, message);
        return;
      case 'subscribe':
        state.stop();
        if (caller.capabilities.has('view')) state.start(message.from);
        return;
      case 'unsubscribe':
        state.stop();
        return;
      case 'open':
        follow(message.id, message.source, message.offset);
        return;
      case 'ack':
        open.get(message.id)?.ack(message.nextOffset);
        return;
      case 'close':
        open.get(message.id)?.close();
        open.delete(message.id);
        return;
      case 'ping':
        deliver({ type: 'pong' });
        return;
      case 'rotated':
      // Of the session of a device, which has read it already.
    }
  }

  return {
    receive,
    close() {
      closed = true;
      gone.abort();
      state.stop();
      for (const stream of open.values()) stream.close();
      open.clear();
    },
  };
}
