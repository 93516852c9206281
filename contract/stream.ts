import * as z from 'zod';
import { HostEvent, HostState } from './host-state.ts';

/** `epoch` changes when the host restarts, so a cursor from before a restart never matches. */
export const Cursor = z.strictObject({ epoch: z.string().max(64), seq: z.int().nonnegative() });
export type Cursor = z.infer<typeof Cursor>;

export const StreamFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('snapshot'), cursor: Cursor, state: HostState }),
  z.strictObject({ kind: z.literal('event'), cursor: Cursor, event: HostEvent }),
  /** Something happened that this caller may not see: the count stays whole, the content stays here. */
  z.strictObject({ kind: z.literal('hidden'), cursor: Cursor }),
]);
export type StreamFrame = z.infer<typeof StreamFrame>;
