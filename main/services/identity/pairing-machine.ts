/**
 * Pairing as two state machines without effects: everything that may happen to an invitation and to a device, and
 * nothing else may. What is not written here is refused.
 *
 *     invitation   open ──proven(key)──▶ consumed(key) ──deadline──▶ expired
 *                   │ ├──3 × unproven──▶ burned             └─cancelled─▶ burned
 *                   │ └──cancelled─────▶ burned
 *                   └──deadline────────▶ expired
 *
 *     device       pending ──approved──▶ provisional ──stored──▶ active ──away──▶ idle ──asked──▶ renewing
 *                   └─ended─▶ unknown        └─late─▶ unknown      ▲                ▲                │ │
 *                                                                 └───approved──────┼────────────────┘ │
 *                                                                                   └─────ended────────┘
 *                  provisional, active, idle, renewing ──revoked──▶ revoked, for ever
 */

/** How many handshakes may fail to prove an open invitation before it is burned. */
export const MAX_UNPROVEN = 3;

/** `boundKey`: the public key that used it up, base64url; kept after the end, so that a second one is known for what it is. */
export type InvitationState =
  | { readonly state: 'open'; readonly unproven: number }
  | { readonly state: 'consumed'; readonly boundKey: string }
  | { readonly state: 'burned' | 'expired'; readonly boundKey: string | null };

export type InvitationEvent =
  /** Message 3 proved that this key holds the code. */
  | { readonly type: 'proven'; readonly key: string }
  /** Message 3 named the code and proved nothing. */
  | { readonly type: 'unproven'; readonly key: string }
  | { readonly type: 'cancelled' }
  /** Two minutes of monotonic time are over. */
  | { readonly type: 'deadline' };

/** `alarm`: refused, and somebody else had used this code. `nothing`: nobody waits for an answer. */
export type InvitationAnswer = 'admit' | 'refuse' | 'alarm' | 'nothing';

export interface InvitationStep {
  readonly next: InvitationState;
  readonly answer: InvitationAnswer;
}

export const OPEN: InvitationState = { state: 'open', unproven: 0 };

export function stepInvitation(now: InvitationState, event: InvitationEvent): InvitationStep {
  switch (now.state) {
    case 'open':
      return stepOpen(now.unproven, event);
    case 'consumed':
      if (event.type === 'cancelled') return { next: { ...now, state: 'burned' }, answer: 'nothing' };
      if (event.type === 'deadline') return { next: { ...now, state: 'expired' }, answer: 'nothing' };
      if (event.key !== now.boundKey) return { next: now, answer: 'alarm' };
      // The same phone again: its answer was lost on the way.
      return { next: now, answer: event.type === 'proven' ? 'admit' : 'refuse' };
    case 'burned':
    case 'expired': {
      if (event.type === 'cancelled' || event.type === 'deadline') return { next: now, answer: 'nothing' };
      const isSecond = now.boundKey !== null && event.key !== now.boundKey;
      return { next: now, answer: isSecond ? 'alarm' : 'refuse' };
    }
  }
}

function stepOpen(unproven: number, event: InvitationEvent): InvitationStep {
  switch (event.type) {
    case 'proven':
      return { next: { state: 'consumed', boundKey: event.key }, answer: 'admit' };
    case 'unproven': {
      const failed = unproven + 1;
      const next: InvitationState =
        failed >= MAX_UNPROVEN ? { state: 'burned', boundKey: null } : { state: 'open', unproven: failed };
      return { next, answer: 'refuse' };
    }
    case 'cancelled':
      return { next: { state: 'burned', boundKey: null }, answer: 'nothing' };
    case 'deadline':
      return { next: { state: 'expired', boundKey: null }, answer: 'nothing' };
  }
}

/** `unknown`: no such device, or not any more. `pending` and `renewing` live in memory, the others on the disk. */
export type DeviceStage = 'unknown' | 'pending' | 'provisional' | 'active' | 'idle' | 'renewing' | 'revoked';

/** `ended`: refused, out of time, gone, or three wrong codes. `away`: not seen for 30 days. */
export type DeviceEvent = 'asked' | 'approved' | 'ended' | 'stored' | 'late' | 'away' | 'revoked';

const DEVICE: Readonly<Record<DeviceStage, Partial<Record<DeviceEvent, DeviceStage>>>> = {
  unknown: { asked: 'pending' },
  pending: { approved: 'provisional', ended: 'unknown' },
  provisional: { stored: 'active', late: 'unknown', revoked: 'revoked' },
  active: { away: 'idle', revoked: 'revoked' },
  idle: { asked: 'renewing', revoked: 'revoked' },
  renewing: { approved: 'active', ended: 'idle', revoked: 'revoked' },
  revoked: {},
};

/** What becomes of a device; null when this cannot happen to it. */
export function nextStage(now: DeviceStage, event: DeviceEvent): DeviceStage | null {
  return DEVICE[now][event] ?? null;
}
