import type { ByteChunk, ByteSource } from './byte-stream.ts';
import type { LiveConnection } from './live-connection.ts';

interface Follower {
  readonly source: ByteSource;
  next: number;
  onChunk(chunk: ByteChunk): void;
  onEnd(reason: string): void;
  leave: (() => void) | null;
}

/** Byte streams over connections that come and go: each is opened again at the first byte that has not come yet. */
export function createStreamFollowers() {
  const followers = new Set<Follower>();
  let connection: LiveConnection | null = null;

  function open(follower: Follower): void {
    const opened = connection;
    if (!opened) return;
    follower.leave = opened.client.follow(
      follower.source,
      follower.next,
      (chunk) => {
        follower.next = chunk.nextOffset;
        follower.onChunk(chunk);
      },
      (reason) => {
        // The end of a connection is not the end of the stream.
        if (opened.isOpen() && followers.delete(follower)) follower.onEnd(reason);
      },
    );
  }

  return {
    follow(
      source: ByteSource,
      offset: number,
      onChunk: (chunk: ByteChunk) => void,
      onEnd: (reason: string) => void,
    ): () => void {
      const follower: Follower = { source, next: offset, onChunk, onEnd, leave: null };
      followers.add(follower);
      open(follower);
      return () => {
        if (followers.delete(follower)) follower.leave?.();
      };
    },
    use(next: LiveConnection | null): void {
      connection = next;
      for (const follower of followers) {
        follower.leave = null;
        open(follower);
      }
    },
    end(reason: string): void {
      for (const follower of followers) follower.onEnd(reason);
      followers.clear();
    },
  };
}
