import type { ReliableState } from '../../contract/reliable-client.ts';
import type { LinkState } from './views.ts';

/** What this device remembers of its connections with a host beside the state of the last one. */
export interface LinkFacts {
  /** The code that the owner is asked to compare, of the channel that stands. */
  readonly renewal: { readonly checkCode: string; readonly until: number } | undefined;
  /** Nobody compared it in time, or the owner refused. */
  readonly renewalOver: boolean;
  /** The host turned this device away so often that it is taken at its word. */
  readonly isRefused: boolean;
  /** At least one attempt has ended. */
  readonly tried: boolean;
  /** When the host was heard last, milliseconds since 1970. */
  readonly asOf: number | null;
}

/** Whether the last word of the host was that it is locked down. */
export function saidLockedDown(state: ReliableState): boolean {
  return state.kind === 'offline' && state.reason === 'locked-down';
}

/** How the connection is told to a person. */
export function linkStateOf(state: ReliableState, facts: LinkFacts): LinkState {
  const { asOf, isRefused, renewal, renewalOver, tried } = facts;
  switch (state.kind) {
    case 'online':
      return { kind: 'online' };
    case 'renewal':
      return renewal ? { kind: 'renewal', ...renewal } : { kind: 'connecting' };
    case 'rolled-back':
    case 'downgraded':
    case 'outdated':
      return { kind: state.kind };
    case 'greeting':
    case 'offline':
      if (renewalOver) return { kind: 'renewal-over' };
      if (isRefused) return { kind: 'refused' };
      if (saidLockedDown(state)) return { kind: 'locked-down', asOf };
      return tried ? { kind: 'offline', asOf } : { kind: 'connecting' };
    case 'revoked':
      return { kind: 'refused' };
  }
}
