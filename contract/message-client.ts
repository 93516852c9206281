import type { ByteChunk } from './byte-stream.ts';
import type { CallResult, HostClient } from './client.ts';
import type { StreamFrame } from './stream.ts';
import type { CommandName, InputOf } from './commands.ts';
import type { ClientMessage, HostMessage } from './wire.ts';

export interface MessageClientDeps {
  /** Hands one message to the carrier. Throws when the connection is gone. */
  send(message: ClientMessage): void;
  /** 16 random bytes as base64url: names a command, so that a repeat is not done twice. */
  newCommandId(): string;
  /** Of a device: the number of its next command, see the wire. */
  nextCounter?(): number;
}

/** What names a command on its way. */
export interface CommandStamp {
  readonly commandId?: string;
  readonly counter?: number;
}

export interface MessageClient extends HostClient {
  /** A call under a given name: for whoever keeps the names himself, to send a command again. */
  request<N extends CommandName>(name: N, input: InputOf<N>, stamp: CommandStamp): Promise<CallResult<N>>;
  /** The carrier calls this for every message of the host; those about the session itself are not for this client. */
  receive(message: HostMessage): void;
  /** The carrier calls this when the connection is lost: every waiting call is answered `unavailable`. */
  disconnected(reason: string): void;
}

interface Follower {
  onChunk(chunk: ByteChunk): void;
  onEnd(reason: string): void;
}

/** HostClient over any carrier of messages. Holds no socket and no schema: both belong to the carrier. */
export function createMessageClient(deps: MessageClientDeps): MessageClient {
  const { send, newCommandId, nextCounter } = deps;
  const waiting = new Map<number, (result: CallResult<never>) => void>();
  const followers = new Map<number, Follower>();
  let onFrame: ((frame: StreamFrame) => void) | null = null;
  let nextId = 0;

  function receive(message: HostMessage): void {
    switch (message.type) {
      case 'reply': {
        const answer = waiting.get(message.id);
        waiting.delete(message.id);
        answer?.(message.reply as CallResult<never>);
        return;
      }
      case 'frame':
        onFrame?.(message.frame);
        return;
      case 'chunk': {
        const follower = followers.get(message.id);
        if (!follower) return;
        follower.onChunk(message);
        send({ type: 'ack', id: message.id, nextOffset: message.nextOffset });
        return;
      }
      case 'ended': {
        const follower = followers.get(message.id);
        followers.delete(message.id);
        follower?.onEnd(message.reason);
        return;
      }
      case 'welcome':
      case 'goodbye':
      case 'renewal':
      case 'rotate':
      case 'pong':
      // About the session itself: whoever holds the connection reads these.
    }
  }

  /** For what went down with its connection anyway. */
  function quietly(message: ClientMessage): void {
    try {
      send(message);
    } catch {
      // The host forgot it together with the connection.
    }
  }

  function disconnected(reason: string): void {
    const lost = { ok: false, error: { code: 'unavailable', message: reason } } as const;
    for (const answer of waiting.values()) answer(lost);
    waiting.clear();
    for (const follower of followers.values()) follower.onEnd(reason);
    followers.clear();
  }

  function request<N extends CommandName>(
    name: N,
    input: InputOf<N>,
    stamp: CommandStamp,
  ): Promise<CallResult<N>> {
    return new Promise((resolve) => {
      const id = nextId++;
      waiting.set(id, resolve);
      try {
        send({ type: 'call', id, name, input, ...stamp });
      } catch {
        waiting.delete(id);
        resolve({ ok: false, error: { code: 'unavailable', message: 'not connected to the host' } });
      }
    });
  }

  return {
    receive,
    disconnected,
    request,
    call: (name, input) =>
      request(name, input, {
        commandId: newCommandId(),
        ...(nextCounter && { counter: nextCounter() }),
      }),
    subscribe(from, listener) {
      onFrame = listener;
      send({ type: 'subscribe', from });
      return () => {
        if (onFrame !== listener) return;
        onFrame = null;
        quietly({ type: 'unsubscribe' });
      };
    },
    follow(source, offset, onChunk, onEnd) {
      const id = nextId++;
      followers.set(id, { onChunk, onEnd });
      send({ type: 'open', id, source, offset });
      return () => {
        if (followers.delete(id)) quietly({ type: 'close', id });
      };
    },
  };
}
