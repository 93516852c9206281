import { applyEvent, emptyHostState } from './apply-event.ts';
import type { HostState } from './host-state.ts';
import type { Cursor, StreamFrame } from './stream.ts';

export interface Mirror {
  readonly state: HostState;
  readonly cursor: Cursor | null;
}

export const emptyMirror: Mirror = { state: emptyHostState, cursor: null };

/** Fold one frame. Frames already seen are ignored; `null` means a gap, so subscribe again from scratch. */
export function foldFrame(mirror: Mirror, frame: StreamFrame): Mirror | null {
  if (frame.kind === 'snapshot') return { state: frame.state, cursor: frame.cursor };
  if (mirror.cursor?.epoch !== frame.cursor.epoch) return null;
  if (frame.cursor.seq <= mirror.cursor.seq) return mirror;
  if (frame.cursor.seq !== mirror.cursor.seq + 1) return null;
  if (frame.kind === 'hidden') return { state: mirror.state, cursor: frame.cursor };
  return { state: applyEvent(mirror.state, frame.event), cursor: frame.cursor };
}
