import type { ByteChunk, ByteSource } from './byte-stream.ts';
import type { CommandName, InputOf, OutputOf } from './commands.ts';
import type { WireError } from './errors.ts';
import type { Cursor, StreamFrame } from './stream.ts';

export type CallResult<N extends CommandName> =
  { readonly ok: true; readonly value: OutputOf<N> } | { readonly ok: false; readonly error: WireError };

/** What every user interface holds: over IPC on the desktop, over the encrypted channel on the phone. */
export interface HostClient {
  /** Never rejects for a listed failure; a lost connection answers `unavailable`. */
  call<N extends CommandName>(name: N, input: InputOf<N>): Promise<CallResult<N>>;
  subscribe(from: Cursor | null, onFrame: (frame: StreamFrame) => void): () => void;
  /** Follow an append-only source. `onEnd` is called once, with the reason, unless the caller closed it first. */
  follow(
    source: ByteSource,
    offset: number,
    onChunk: (chunk: ByteChunk) => void,
    onEnd: (reason: string) => void,
  ): () => void;
}
