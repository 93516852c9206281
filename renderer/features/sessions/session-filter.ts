import type { InputOf } from '../../../contract/commands.ts';
import type { Session } from '../../../contract/sessions.ts';

/** `kept`: all that are not deleted. */
export type Which = 'kept' | 'task' | 'agent' | 'deleted';
export const WHICH: readonly Which[] = ['kept', 'task', 'agent', 'deleted'];

export interface SessionFilter {
  readonly which: Which;
  /** Empty for any. */
  readonly agent: string;
  readonly workspaceId: string;
}

export const noFilter: SessionFilter = { which: 'kept', agent: '', workspaceId: '' };

/** What to ask the host for. */
export function askFor(
  { which, agent, workspaceId }: SessionFilter,
  limit: number,
): InputOf<'sessions.list'> {
  return {
    limit,
    ...(agent !== '' && { agent }),
    ...(workspaceId !== '' && { workspace: workspaceId }),
    ...(which === 'deleted' && { state: which }),
    ...((which === 'task' || which === 'agent') && { origin: which }),
  };
}

export function fits(session: Session, { which, agent, workspaceId }: SessionFilter): boolean {
  if (agent !== '' && session.agent !== agent) return false;
  if (workspaceId !== '' && session.workspaceId !== workspaceId) return false;
  if (which === 'deleted') return session.state === 'deleted';
  return session.state !== 'deleted' && (which === 'kept' || session.origin === which);
}

export interface News {
  /** The newest of those that the state keeps. */
  readonly live: Readonly<Record<string, Session>>;
  /** Those that were taken out of the state: as the host has them now, or null when it has none. */
  readonly removed: ReadonlyMap<string, Session | null>;
}

/**
 * What was listed, with what has happened since: the state knows the newest of each session, and those that began
 * meanwhile. Newest first, and behind the last that was listed only what is older stays away. Pure.
 */
export function withNews(
  listed: readonly Session[],
  { live, removed }: News,
  filter: SessionFilter,
  isWhole: boolean,
): Session[] {
  const newest = new Map<string, Session | null>([...removed, ...Object.entries(live)]);
  const known = new Set<string>(listed.map(({ id }) => id));
  const oldest = listed.at(-1)?.createdAt ?? '';
  const begun = [...newest].flatMap(([id, session]) =>
    session && !known.has(id) && (isWhole || session.createdAt >= oldest) ? [session] : [],
  );
  return [
    ...listed.flatMap((session) => (newest.has(session.id) ? (newest.get(session.id) ?? []) : session)),
    ...begun,
  ]
    .filter((session) => fits(session, filter))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}
