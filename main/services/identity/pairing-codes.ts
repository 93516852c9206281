import type { Claim, Opening } from '../../../contract/channel/channel-handshake.ts';
import { encodePairingLink, encodePairingText } from '../../../contract/channel/pairing-text.ts';
import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { DeviceScope, Invitation } from '../../../contract/identity.ts';
import { type KeepSecret, instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import { createRateWindow } from '../../kernel/rate-window.ts';
import type { HostKeySet } from './host-keys.ts';
import { createInvitations, INVITATION_MS, type Answer } from './invitations.ts';
import type { Addresses } from './ports.ts';

const HANDSHAKES_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

type Pair<T> = Extract<T, { mode: 'pair' }>;

export interface PairingCodes {
  create(scope: DeviceScope, keys: HostKeySet): OutputOf<'identity.createInvitation'>;
  cancel(): void;
  pskFor(claim: Claim): Uint8Array | null;
  /** Throws to refuse; else what the code allows. */
  proven(opening: Pair<Opening>): { scope: DeviceScope; hostPublicKey: Uint8Array };
  unproven(claim: Claim): void;
}

/** The pairing code as the owner sees it: made, shown in the state, used, over; and the alarm when it is used twice. */
export function createPairingCodes(deps: {
  clock: Clock;
  random: RandomSource;
  keepSecret?: KeepSecret | undefined;
  addresses: Addresses;
  changed(invitation: Invitation): void;
  /** A second key tried a code. */
  reused(): void;
}): PairingCodes {
  const { clock, random, addresses, changed, reused, keepSecret } = deps;
  const invitations = createInvitations({ clock, random, keepSecret });
  const rate = createRateWindow({ clock, max: HANDSHAKES_PER_MINUTE, perMs: MINUTE_MS });
  /** Turned away because there were too many: they prove nothing against the code that they name. */
  const turnedAway = new WeakSet<Claim>();
  /** The one that the owner sees as open. */
  let openId: string | null = null;
  let cancelExpiry = () => {};

  function over(invitation: Invitation): void {
    openId = null;
    cancelExpiry();
    changed(invitation);
  }

  function follow({ answer, invitation }: Answer): void {
    if (answer === 'alarm') reused();
    const isOver = invitation?.state === 'burned' || invitation?.state === 'expired';
    if (isOver && invitation.id === openId) over({ state: 'expired', id: invitation.id });
  }

  return {
    create(scope, { hostKey }) {
      const { id, secret } = invitations.create(scope, hostKey.publicKey);
      const expiresAt = instant(clock.now() + INVITATION_MS);
      cancelExpiry();
      cancelExpiry = clock.after(INVITATION_MS, () => over({ state: 'expired', id }));
      openId = id;
      changed({ state: 'open', id, scope, expiresAt });
      const content = { hostPublicKey: hostKey.publicKey, secret, hosts: addresses.hosts() };
      const link = encodePairingLink(addresses.page(), content);
      return { id, text: encodePairingText(content), link, expiresAt };
    },
    cancel() {
      invitations.cancel();
      over({ state: 'none' });
    },
    pskFor(claim) {
      if (rate.take()) return invitations.pskFor(hex(claim.pairId));
      turnedAway.add(claim);
      return null;
    },
    proven({ pairId, remoteStatic }) {
      const given = invitations.proven(hex(pairId), base64url(remoteStatic));
      follow(given);
      if (given.answer !== 'admit' || !given.invitation)
        throw new HostError('refused', 'this code cannot be used');
      over({ state: 'used', id: given.invitation.id });
      return given.invitation;
    },
    unproven(claim) {
      if (!turnedAway.has(claim))
        follow(invitations.unproven(hex(claim.pairId), base64url(claim.remoteStatic)));
    },
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
