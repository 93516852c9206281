import { open as openFile, type FileHandle } from 'node:fs/promises';
import { STREAM_WINDOW, type ByteChunk, type ByteSource } from '../../contract/byte-stream.ts';

const PIECE = 65_536;
/** What stands before the first byte that a reader asked for: the rest of a secret does not look like one. */
const LEAD = 40_960;

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

/** Takes bytes as they come and gives back what may leave; it may hold back what is not decided yet. */
export interface Redactor {
  push(bytes: Uint8Array): string;
  /** Bytes that are held back now. */
  held(): number;
}

export interface ByteStreamsDeps {
  /** The outbound gate, one for each reader: a secret may be split over two pieces. */
  redactor(): Redactor;
}

/**
 * Follows append-only files by byte offset, with a window: at most STREAM_WINDOW bytes are on their way
 * unacknowledged, so a slow reader costs a file handle and nothing more. No polling: writers call `grown`.
 */
export function createByteStreams({ redactor }: ByteStreamsDeps): ByteStreams {
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
      const reader = createReader(file, offset, listener, redactor, () => unwatch());
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
  redactor: () => Redactor,
  onClose: () => void,
) {
  const state = {
    position: startOffset,
    /** Where the next chunk begins: behind it, up to `position`, is what the gate holds back. */
    told: startOffset,
    acknowledged: Math.max(0, startOffset),
    located: startOffset >= 0,
    led: false,
    busy: false,
    again: false,
    closed: false,
  };
  let gate = redactor();

  function close(): void {
    state.closed = true;
    onClose();
  }

  function locate(size: number): void {
    if (!state.located) state.position = Math.max(0, size + startOffset);
    // A file that became shorter was rotated: what is there now is new.
    if (size < state.position) {
      state.position = 0;
      state.acknowledged = 0;
      state.told = 0;
      state.led = true;
      gate = redactor();
    }
    if (!state.located) state.acknowledged = state.told = state.position;
    state.located = true;
  }

  /** The gate sees what came before and says nothing of it, but for the word that is not finished yet. */
  async function lead(handle: FileHandle): Promise<void> {
    const from = Math.max(0, state.position - LEAD);
    const buffer = Buffer.alloc(state.position - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    gate.push(buffer.subarray(0, bytesRead));
    state.led = true;
  }

  async function readOn(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat();
    locate(size);
    if (!state.led) await lead(handle);
    const buffer = Buffer.alloc(PIECE);
    while (!state.closed && state.position < size && state.position - state.acknowledged < STREAM_WINDOW) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE, state.position);
      if (bytesRead === 0) return;
      state.position += bytesRead;
      const text = gate.push(buffer.subarray(0, bytesRead));
      const offset = state.told;
      // A reader who comes back at `nextOffset` gets what is held back now; in bytes that are no UTF-8 it may repeat.
      const nextOffset = Math.max(offset, state.position - gate.held());
      state.told = nextOffset;
      if (nextOffset > offset || text !== '') listener.chunk({ offset, nextOffset, text });
    }
  }

  async function pump(): Promise<void> {
    state.again = true;
    if (state.busy || state.closed) return;
    state.busy = true;
    do {
      state.again = false;
      await readFile();
    } while (needsMore());
    state.busy = false;
  }

  /** A call that came while the file was being read must not be lost. */
  const needsMore = () => state.again && !state.closed;

  async function readFile(): Promise<void> {
    try {
      const handle = await openFile(file, 'r');
      await readOn(handle).finally(() => handle.close());
    } catch (error) {
      // Nothing has been written yet: the writer will call.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      close();
      listener.end('the source cannot be read');
    }
  }

  return {
    wake: () => void pump(),
    ack(offset: number) {
      state.acknowledged = Math.max(state.acknowledged, Math.min(offset, state.position));
      void pump();
    },
    close,
  };
}
