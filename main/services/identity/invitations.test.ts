import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivePairing } from '../../../contract/channel/pairing-text.ts';
import { handClock, realRandom } from '../../testing/fake-ports.ts';
import { createInvitations, INVITATION_MS } from './invitations.ts';

const hostPublicKey = new Uint8Array(32).fill(7);

function setUp() {
  const clock = handClock();
  const invitations = createInvitations({ clock, random: realRandom, hostPublicKey });
  const create = () => {
    const { secret } = invitations.create('approve');
    return Buffer.from(derivePairing({ hostPublicKey, secret }).pairId).toString('hex');
  };
  return { clock, invitations, create };
}

test('a code admits one key; the same key may finish, another is an alarm', () => {
  const { invitations, create } = setUp();
  const pairId = create();
  expect(invitations.claim(pairId, 'a')).toMatchObject({ outcome: 'admitted', again: false });
  expect(invitations.claim(pairId, 'a')).toMatchObject({ outcome: 'admitted', again: true });
  expect(invitations.claim(pairId, 'b')).toEqual({ outcome: 'reused' });
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
  expect(invitations.claim(pairId, 'a')).toEqual({ outcome: 'refused' });
});

test('a new code ends the one before it', () => {
  const { invitations, create } = setUp();
  const first = create();
  create();
  expect(invitations.claim(first, 'a')).toEqual({ outcome: 'refused' });
});

test('three handshakes that prove nothing end an unused code', () => {
  const { invitations, create } = setUp();
  const pairId = create();
  for (let i = 0; i < 3; i += 1) invitations.failed(pairId);
  expect(invitations.claim(pairId, 'a')).toEqual({ outcome: 'refused' });
});

test('a used code is still known a day later, and reported', () => {
  const { invitations, create, clock } = setUp();
  const pairId = create();
  invitations.claim(pairId, 'a');
  clock.advance(23 * 3_600_000);
  expect(invitations.failed(pairId)).toEqual({ outcome: 'reused' });
});

test('in any sequence of scans, failures, time and new codes, a code never admits two keys', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('create' as const) }),
    fc.record({ kind: fc.constant('cancel' as const) }),
    fc.record({ kind: fc.constant('claim' as const), code: fc.nat(3), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('fail' as const), code: fc.nat(3) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(130_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { invitations, create, clock } = setUp();
      const codes: string[] = [create()];
      const admitted = new Map<string, Set<string>>();
      for (const one of steps) {
        if (one.kind === 'create') codes.push(create());
        else if (one.kind === 'cancel') invitations.cancel();
        else if (one.kind === 'wait') clock.advance(one.ms);
        else {
          const code = codes[one.code % codes.length] ?? '';
          if (one.kind === 'fail') invitations.failed(code);
          else if (invitations.claim(code, one.key).outcome === 'admitted') {
            admitted.set(code, (admitted.get(code) ?? new Set()).add(one.key));
          }
        }
      }
      for (const keys of admitted.values()) expect(keys.size).toBe(1);
    }),
    { numRuns: 2000 },
  );
});
