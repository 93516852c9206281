import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  nextStage,
  OPEN,
  stepInvitation,
  type DeviceEvent,
  type DeviceStage,
  type InvitationEvent,
} from './pairing-machine.ts';

const key = fc.constantFrom('a', 'b', 'c');
const event: fc.Arbitrary<InvitationEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('proven' as const, 'unproven' as const), key }),
  fc.record({ type: fc.constantFrom('cancelled' as const, 'deadline' as const) }),
);

test('in any order of events an invitation admits one key, and nothing once it has ended', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30, size: 'max' }), (events) => {
      const admitted = new Set<string>();
      let now = OPEN;
      for (const one of events) {
        const hasEnded = now.state === 'burned' || now.state === 'expired';
        const { next, answer } = stepInvitation(now, one);
        if (answer === 'admit' && 'key' in one) admitted.add(one.key);
        if (hasEnded) expect([next, answer === 'admit']).toEqual([now, false]);
        if ('key' in one && admitted.size === 1 && !admitted.has(one.key)) expect(answer).toBe('alarm');
        now = next;
      }
      expect(admitted.size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 5000 },
  );
});

test('a device gets in only by an approval, and a revoked one never again', () => {
  const stages: DeviceStage[] = [
    ...(['unknown', 'pending', 'provisional', 'active', 'idle', 'renewing', 'revoked'] as const),
  ];
  const events: DeviceEvent[] = ['asked', 'approved', 'ended', 'stored', 'late', 'away', 'revoked'];
  for (const one of events) expect(nextStage('revoked', one)).toBeNull();
  const inside = new Set<DeviceStage | null>(['provisional', 'active']);
  for (const from of stages)
    for (const one of events)
      if (!inside.has(from) && inside.has(nextStage(from, one))) expect(one).toBe('approved');
});
