import * as z from 'zod';
import { SessionId } from './ids.ts';
import { LogStreamName } from './process-logs.ts';
import { ProcessName } from './process-name.ts';

/** What can be followed byte by byte: append-only files of the host, never part of the state. */
export const ByteSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('log'), name: ProcessName, stream: LogStreamName }),
  /** UTF-8 lines, each one `TimelineEntry` as JSON. */
  z.strictObject({ kind: z.literal('timeline'), sessionId: SessionId }),
]);
export type ByteSource = z.infer<typeof ByteSource>;

/** How many bytes may be on their way unacknowledged before the host holds back. */
export const STREAM_WINDOW = 524_288;

export interface ByteChunk {
  /** Offset of the first byte of `text` in the source. */
  readonly offset: number;
  readonly nextOffset: number;
  readonly text: string;
}
