import { expect, test } from 'vitest';
import { derivePairing } from '../../../contract/channel/pairing-text.ts';
import { handClock, realRandom } from '../../testing/fake-ports.ts';
import { createInvitations, INVITATION_MS } from './invitations.ts';

const hostPublicKey = new Uint8Array(32).fill(7);
const refused = { answer: 'refuse' };

function setUp() {
  const clock = handClock();
  const invitations = createInvitations({ clock, random: realRandom });
  const create = () => {
    const { secret } = invitations.create('approve', hostPublicKey);
    return Buffer.from(derivePairing({ hostPublicKey, secret }).pairId).toString('hex');
  };
  return { clock, invitations, create };
}

test('a code admits one key; the same key may finish, another is an alarm', () => {
  const { invitations, create } = setUp();
  const pairId = create();
  expect(invitations.proven(pairId, 'a')).toMatchObject({
    answer: 'admit',
    invitation: { scope: 'approve' },
  });
  expect(invitations.proven(pairId, 'a')).toMatchObject({ answer: 'admit' });
  expect(invitations.proven(pairId, 'b')).toMatchObject({ answer: 'alarm' });
  expect(invitations.unproven(pairId, 'b')).toMatchObject({ answer: 'alarm' });
});

test('a code ends after two minutes of monotonic time, whatever the wall clock does', () => {
  const { invitations, create, clock } = setUp();
  const pairId = create();
  clock.jump(-10 * 365 * 86_400_000);
  clock.advance(INVITATION_MS - 1);
  expect(invitations.pskFor(pairId)).not.toBeNull();
  clock.jump(10 * 365 * 86_400_000);
  expect(invitations.pskFor(pairId)).not.toBeNull();
  clock.advance(1);
  expect(invitations.pskFor(pairId)).toBeNull();
  expect(invitations.proven(pairId, 'a')).toMatchObject(refused);
});

test('a new code ends the one before it', () => {
  const { invitations, create } = setUp();
  const first = create();
  create();
  expect(invitations.pskFor(first)).toBeNull();
  expect(invitations.proven(first, 'a')).toMatchObject(refused);
});

test('three handshakes that prove nothing burn an unused code, and two do not', () => {
  const { invitations, create } = setUp();
  const pairId = create();
  for (const key of ['a', 'b']) invitations.unproven(pairId, key);
  expect(invitations.pskFor(pairId)).not.toBeNull();
  expect(invitations.unproven(pairId, 'a')).toMatchObject({
    answer: 'refuse',
    invitation: { state: 'burned' },
  });
  expect(invitations.proven(pairId, 'a')).toMatchObject(refused);
});

test('a used code is still known a day later: another key is an alarm, its own key is only late', () => {
  const { invitations, create, clock } = setUp();
  const pairId = create();
  invitations.proven(pairId, 'a');
  clock.advance(23 * 3_600_000);
  expect(invitations.unproven(pairId, 'a')).toMatchObject(refused);
  expect(invitations.unproven(pairId, 'b')).toMatchObject({ answer: 'alarm' });
  clock.advance(2 * 3_600_000);
  expect(invitations.unproven(pairId, 'b')).toEqual({ answer: 'refuse', invitation: null });
});
