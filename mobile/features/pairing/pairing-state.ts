/** Why a pairing ended without success; `texts/*.ts` has a sentence for each. */
export type PairingFailure =
  | 'bad-link'
  | 'unreachable'
  | 'expired'
  | 'denied'
  | 'no-answer'
  | 'cancelled'
  | 'lost'
  | 'code-differs'
  | 'no-screen-lock'
  | 'not-available'
  | 'internal';

/** The steps of a pairing as this device sees them. */
export type PairingState =
  /** The camera is on, or a link is being pasted. */
  | { readonly kind: 'scanning' }
  /** A code was read; keys are made and the encrypted channel is set up. */
  | { readonly kind: 'connecting' }
  /** The channel stands. `checkCode`: six digits both sides derive from the handshake. */
  | { readonly kind: 'checking'; readonly hostName: string | undefined; readonly checkCode: string }
  /** The person has confirmed the code here; the owner has to approve the device on the host. */
  | { readonly kind: 'waiting'; readonly hostName: string | undefined; readonly checkCode: string }
  /** The host has admitted this device, and its record is stored here. */
  | { readonly kind: 'paired'; readonly hostName: string; readonly hostId: string }
  | { readonly kind: 'failed'; readonly reason: PairingFailure };

/** What can happen. The first four come from the person, the others from the channel. */
export type PairingEvent =
  | { readonly kind: 'link-read' }
  | { readonly kind: 'code-confirmed' }
  | { readonly kind: 'code-rejected' }
  | { readonly kind: 'restarted' }
  | { readonly kind: 'channel-ready'; readonly hostName: string | undefined; readonly checkCode: string }
  /** The channel broke before the end; another one is being made, with another code. */
  | { readonly kind: 'channel-lost' }
  | { readonly kind: 'admitted'; readonly hostName: string; readonly hostId: string }
  | { readonly kind: 'failed'; readonly reason: PairingFailure };

export const firstPairingState: PairingState = { kind: 'scanning' };

/**
 * The next state. An event that does not belong to the current state changes nothing: a late answer of a channel that
 * was cancelled must not revive the pairing, and a host cannot admit a device that never showed its code. The owner
 * compares the codes on the host, so the answer of the host is enough without a tap here.
 */
export function nextPairing(state: PairingState, event: PairingEvent): PairingState {
  switch (event.kind) {
    case 'link-read':
      return state.kind === 'scanning' ? { kind: 'connecting' } : state;
    case 'channel-ready': {
      if (state.kind !== 'connecting' && state.kind !== 'checking' && state.kind !== 'waiting') return state;
      if (!/^[0-9]{6}$/.test(event.checkCode)) return { kind: 'failed', reason: 'internal' };
      const { hostName, checkCode } = event;
      // The same code again brings the host's name; another code has to be compared again.
      const same = state.kind === 'waiting' && state.checkCode === checkCode;
      return { kind: same ? 'waiting' : 'checking', hostName, checkCode };
    }
    case 'channel-lost':
      return state.kind === 'checking' || state.kind === 'waiting' ? { kind: 'connecting' } : state;
    case 'code-confirmed':
      return state.kind === 'checking' ? { ...state, kind: 'waiting' } : state;
    case 'code-rejected':
      return state.kind === 'checking' || state.kind === 'waiting'
        ? { kind: 'failed', reason: 'code-differs' }
        : state;
    case 'admitted':
      if (state.kind !== 'checking' && state.kind !== 'waiting') return state;
      return { kind: 'paired', hostName: event.hostName, hostId: event.hostId };
    case 'failed':
      return state.kind === 'paired' || state.kind === 'scanning'
        ? state
        : { kind: 'failed', reason: event.reason };
    case 'restarted':
      return state.kind === 'paired' ? state : firstPairingState;
  }
}
