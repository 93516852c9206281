import { useEffect, useRef } from 'react';
import type { ByteChunk, ByteSource } from '../../contract/byte-stream.ts';
import { useHost, useOnline } from './use-host.tsx';

export interface FollowListener {
  /** `restarted`: what comes now does not go on from what came before (first piece, or the file was replaced). */
  chunk(chunk: ByteChunk, restarted: boolean): void;
  ended(reason: string): void;
}

/**
 * Follows a byte stream while the component is there, and goes on where it was after a lost connection.
 * @param source null for nothing to follow
 * @param from byte offset to start at; negative counts from the end
 */
export function useFollow(source: ByteSource | null, from: number, listener: FollowListener): void {
  const { client } = useHost();
  const online = useOnline();
  const latest = useRef(listener);
  const position = useRef<{ key: string; next: number | null }>({ key: '', next: null });
  const key = source === null ? '' : JSON.stringify([source, from]);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    if (key === '' || !online) return;
    const [wanted, start] = JSON.parse(key) as [ByteSource, number];
    if (position.current.key !== key) position.current = { key, next: null };
    const held = position.current;
    return client.follow(
      wanted,
      held.next ?? start,
      (chunk) => {
        const restarted = held.next !== chunk.offset;
        held.next = chunk.nextOffset;
        latest.current.chunk(chunk, restarted);
      },
      (reason) => latest.current.ended(reason),
    );
  }, [client, online, key]);
}
