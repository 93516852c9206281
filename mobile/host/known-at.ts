import type { LinkState } from './views.ts';

/** The time up to which the state of a host is known: of one that is away, when it was heard last. Milliseconds since 1970. */
export function knownAt(link: LinkState, now: number): number {
  return 'asOf' in link && link.asOf !== null ? Math.min(link.asOf, now) : now;
}
