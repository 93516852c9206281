import fc from 'fast-check';
import type { Cut } from './test-device.ts';

/** What may happen. `phone` is one of three. */
export type Step =
  | { readonly do: 'invite' | 'cancel' | 'restart' | 'jump-on' | 'jump-back' | 'dst' | 'suspend' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'shake'; readonly phone: number; readonly cut: Cut }
  | { readonly do: 'race'; readonly phone: number; readonly other: number }
  | {
      readonly do:
        | 'scan'
        | 'guess'
        | 'approve'
        | 'approve-wrong'
        | 'refuse'
        | 'stored'
        | 'drop'
        | 'deaf'
        | 'connect'
        | 'renew'
        | 'revoke'
        | 'scope'
        | 'new-key'
        /** Whole stretches, so that random lives get far: pairing up to the end, and coming back after a long time. */
        | 'pair'
        | 'come-back';
      readonly phone: number;
    };

/** What a phone does that needs no more than its number. */
export type Plain = Exclude<Extract<Step, { phone: number }>['do'], 'shake' | 'race'>;

export const PHONES = 3;
const phone = fc.nat(PHONES - 1);
const of = <T extends string>(...names: T[]) => fc.constantFrom(...names);

/** Random lives. */
export const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: of('invite') }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: of('cancel', 'restart', 'jump-on', 'jump-back', 'dst', 'suspend') }),
    },
    { weight: 2, arbitrary: fc.record({ do: of('wait'), ms: of_ms() }) },
    { weight: 5, arbitrary: fc.record({ do: of('scan'), phone }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: of('shake'),
        phone,
        cut: fc.constantFrom<Cut>('none', 'none', 'none', 'before-3', 'after-3', 'after-pending'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: of('race'), phone, other: phone }) },
    { weight: 6, arbitrary: fc.record({ do: of('approve', 'stored', 'connect'), phone }) },
    { weight: 3, arbitrary: fc.record({ do: of('pair', 'come-back'), phone }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: of(
          ...([
            'guess',
            'approve-wrong',
            'refuse',
            'drop',
            'deaf',
            'renew',
            'revoke',
            'scope',
            'new-key',
          ] as const),
        ),
        phone,
      }),
    },
  ),
  { minLength: 5, maxLength: 50, size: 'max' },
) as fc.Arbitrary<Step[]>;

function of_ms() {
  return fc.constantFrom(
    1000,
    20_000,
    60_000,
    119_999,
    120_000,
    299_999,
    600_000,
    86_400_000,
    31 * 86_400_000,
  );
}
