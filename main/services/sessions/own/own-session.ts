import { SessionId } from '../../../../contract/ids.ts';
import type { OwnStore, SessionUsage } from '../../../../contract/sessions.ts';
import type { NewTimelineEntry } from '../live-timeline.ts';

/** What a store says of one of its sessions. Everything in it was written by others and is judged by whoever uses it. */
export interface OwnFacts {
  /** The agent's own id. */
  readonly id: string;
  /** The folder it worked in, as the agent wrote it down. */
  readonly cwd: string;
  readonly title: string;
  readonly createdAt: number;
  readonly usage: SessionUsage | null;
}

/** An entry of an agent's own session, with the time that the agent gives it, in milliseconds; null when it gives none. */
export interface OwnEntry {
  readonly entry: NewTimelineEntry;
  readonly at: number | null;
}

/** Reads the lines of one session in order. It keeps what later lines refer to, and nothing else. */
export interface OwnReader {
  push(line: unknown): OwnEntry[];
  /** A second reader that stands where this one does. */
  copy(): OwnReader;
}

const PREFIX = 'own-';
/** Ids that this host makes are 22 characters: one of these is always longer, so the two cannot be mixed up. */
const MIN_OWN_ID = 8;
const MAX_OWN_ID = 100;

/** The id of an agent's own session with us; null for one that could not stand in a file name. */
export function sessionIdOf(store: OwnStore, id: string): SessionId | null {
  if (id.length < MIN_OWN_ID || id.length > MAX_OWN_ID) return null;
  const made = `${PREFIX}${store}-${id}`;
  const parsed = SessionId.safeParse(made);
  return parsed.success && made.length > 22 ? parsed.data : null;
}

export const isOwnId = (id: SessionId): boolean => id.startsWith(PREFIX) && id.length > 22;
