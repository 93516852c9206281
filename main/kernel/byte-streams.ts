import { open as openFile, type FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { STREAM_WINDOW, type ByteChunk, type ByteSource } from '../../contract/byte-stream.ts';

const PIECE = 65_536;

export interface ByteListener {
  chunk(chunk: ByteChunk): void;
  end(reason: string): void;
}

export interface ByteStreams {
  /** Services say where a source lives; null means that there is no such source. */
  locate(kind: ByteSource['kind'], find: (source: ByteSource) => string | null): void;
  /** Services call this after they appended to a file. */
  grown(file: string): void;
  follow(
    source: ByteSource,
    offset: number,
    listener: ByteListener,
  ): { ack(offset: number): void; close(): void } | null;
}

export interface ByteStreamsDeps {
  /** The outbound gate: what leaves through here has passed it. */
  sanitize(text: string): string;
}

/**
 * Follows append-only files by byte offset, with a window: at most STREAM_WINDOW bytes are on their way
 * unacknowledged, so a slow reader costs a file handle and nothing more. No polling: writers call `grown`.
 */
export function createByteStreams({ sanitize }: ByteStreamsDeps): ByteStreams {
  const finders = new Map<ByteSource['kind'], (source: ByteSource) => string | null>();
  const readers = new Map<string, Set<() => void>>();

  function watch(file: string, wake: () => void): () => void {
    const set = readers.get(file) ?? new Set();
    readers.set(file, set.add(wake));
    return () => {
      set.delete(wake);
      if (set.size === 0) readers.delete(file);
    };
  }

  return {
    locate: (kind, find) => void finders.set(kind, find),
    grown(file) {
      for (const wake of readers.get(file) ?? []) wake();
    },
    follow(source, offset, listener) {
      const file = finders.get(source.kind)?.(source) ?? null;
      if (file === null) {
        listener.end('not found');
        return null;
      }
      const reader = createReader(file, offset, listener, sanitize, () => unwatch());
      const unwatch = watch(file, reader.wake);
      reader.wake();
      return reader;
    },
  };
}

function createReader(
  file: string,
  startOffset: number,
  listener: ByteListener,
  sanitize: (text: string) => string,
  onClose: () => void,
) {
  const decoder = new StringDecoder('utf8');
  let position = startOffset;
  let acknowledged = 0;
  let busy = false;
  let again = false;
  let closed = false;
  let located = startOffset >= 0;

  function close(): void {
    closed = true;
    onClose();
  }

  async function readOn(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat();
    if (!located) {
      position = Math.max(0, size + startOffset);
      located = true;
    }
    if (acknowledged === 0) acknowledged = position;
    // A file that became shorter was rotated: what is there now is new.
    if (size < position) position = acknowledged = 0;
    const buffer = Buffer.alloc(PIECE);
    while (!closed && position < size && position - acknowledged < STREAM_WINDOW) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE, position);
      if (bytesRead === 0) return;
      const offset = position;
      position += bytesRead;
      const text = sanitize(decoder.write(buffer.subarray(0, bytesRead)));
      if (!closed) listener.chunk({ offset, nextOffset: position, text });
    }
  }

  async function pump(): Promise<void> {
    if (busy || closed) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      try {
        const handle = await openFile(file, 'r');
        await readOn(handle).finally(() => handle.close());
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          close();
          listener.end('the source cannot be read');
        }
      }
    } while (again && !closed);
    busy = false;
  }

  return {
    wake: () => void pump(),
    ack(offset: number) {
      acknowledged = Math.max(acknowledged, Math.min(offset, position));
      void pump();
    },
    close,
  };
}
