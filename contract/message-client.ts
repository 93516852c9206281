import type { ByteChunk } from './byte-stream.ts';
import type { CallResult, HostClient } from './client.ts';
import type { StreamFrame } from './stream.ts';
import type { ClientMessage, HostMessage } from './wire.ts';

export interface MessageClientDeps {
  /** Hands one message to the carrier. Throws or returns false when the connection is gone. */
  send(message: ClientMessage): void;
  /** 16 random bytes as base64url: names a command, so that a repeat is not done twice. */
  newCommandId(): string;
}

export interface MessageClient extends HostClient {
  /** The carrier calls this for every message of the host. */
  receive(message: HostMessage): void;
  /** The carrier calls this when the connection is lost: every waiting call is answered `unavailable`. */
  disconnected(reason: string): void;
}

interface Follower {
  onChunk(chunk: ByteChunk): void;
  onEnd(reason: string): void;
}

/** HostClient over any carrier of messages. Holds no socket and no schema: both belong to the carrier. */
export function createMessageClient({ send, newCommandId }: MessageClientDeps): MessageClient {
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
      }
    }
  }

  function disconnected(reason: string): void {
    const lost = { ok: false, error: { code: 'unavailable', message: reason } } as const;
    for (const answer of waiting.values()) answer(lost);
    waiting.clear();
    for (const follower of followers.values()) follower.onEnd(reason);
    followers.clear();
  }

  return {
    receive,
    disconnected,
    call: (name, input) =>
      new Promise((resolve) => {
        const id = nextId++;
        waiting.set(id, resolve);
        try {
          send({ type: 'call', id, name, input, commandId: newCommandId() });
        } catch {
          waiting.delete(id);
          resolve({ ok: false, error: { code: 'unavailable', message: 'not connected to the host' } });
        }
      }),
    subscribe(from, listener) {
      onFrame = listener;
      send({ type: 'subscribe', from });
      return () => {
        if (onFrame !== listener) return;
        onFrame = null;
        send({ type: 'unsubscribe' });
      };
    },
    follow(source, offset, onChunk, onEnd) {
      const id = nextId++;
      followers.set(id, { onChunk, onEnd });
      send({ type: 'open', id, source, offset });
      return () => {
        if (followers.delete(id)) send({ type: 'close', id });
      };
    },
  };
}
