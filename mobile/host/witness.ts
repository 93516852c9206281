import * as z from 'zod';
import { witness } from '../../contract/audit-witness.ts';
import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { Notes } from './notes.ts';
import type { WitnessView } from './views.ts';

/** The audit log is looked at once in so many milliseconds at most, and only while the host is busy. */
export const LOOK_EVERY = 60_000;

/** The newest checkpoint that this device has seen and verified. */
const Kept = z.strictObject({
  checkpoint: z.strictObject({
    origin: z.string().max(256),
    size: z.int().nonnegative(),
    root: z.string().max(64),
    publicKey: z.string().max(64),
  }),
  at: z.int().nonnegative(),
  /** How a later one failed to continue it, until the person has taken note. */
  altered: z
    .strictObject({
      how: z.enum(['other-log', 'smaller', 'inconsistent', 'bad-signature']),
      at: z.int().nonnegative(),
    })
    .nullable(),
});
type Kept = z.infer<typeof Kept>;

/** Holds on to what this device has seen of a host's audit log: a log that shrinks or changes is noticed here. */
export interface Witness {
  view(): WitnessView;
  read(): Promise<void>;
  /** The host is there and something happened: looks now, or when the minute is over. */
  look(): void;
  /** The person has taken note: what the host shows next is the new beginning. */
  acknowledge(): Promise<void>;
  stop(): void;
  forget(): Promise<void>;
}

export interface WitnessDeps {
  readonly notes: Notes;
  /** Under which it is kept. */
  readonly name: string;
  /** Asks the host for its newest checkpoint, and for the proof that it continues the one of this size. */
  ask(since: number | undefined): Promise<CallOutcome<'audit.checkpoint'>>;
  readonly schedule: Schedule;
  now(): number;
  changed(): void;
}

export function createWitness(deps: WitnessDeps): Witness {
  const { ask, changed, name, notes, now, schedule } = deps;
  let kept: Kept | undefined;
  let busy = false;
  let due = false;
  let over = false;
  let cancel = (): void => undefined;

  function stop(): void {
    over = true;
    cancel();
  }

  async function keep(next: Kept | undefined): Promise<void> {
    kept = next;
    if (next) await notes.write(name, JSON.stringify(next)).catch(() => undefined);
    else await notes.remove(name).catch(() => undefined);
    changed();
  }

  async function lookNow(): Promise<void> {
    const before = kept;
    const since = before?.checkpoint.size;
    const answer = await ask(since === undefined || since === 0 ? undefined : since);
    // What came while the person took note, or after the host was removed, is of another time.
    if (over || answer.kind !== 'done' || kept !== before) return;
    const verdict = witness(before?.checkpoint ?? null, answer.value);
    const at = now();
    if (verdict.kind === 'accepted') await keep({ checkpoint: verdict.kept, at, altered: null });
    else if (before) await keep({ ...before, altered: { how: verdict.kind, at } });
  }

  function look(): void {
    if (over || kept?.altered) return;
    if (busy) {
      due = true;
      return;
    }
    busy = true;
    void lookNow();
    cancel = schedule(LOOK_EVERY, () => {
      busy = false;
      if (!due) return;
      due = false;
      look();
    });
  }

  return {
    view() {
      if (!kept) return { kind: 'none' };
      const { altered, at, checkpoint } = kept;
      const seen = { size: checkpoint.size, at };
      return altered ? { kind: 'altered', how: altered.how, ...seen } : { kind: 'kept', ...seen };
    },
    async read() {
      try {
        const text = await notes.read(name);
        kept = text === undefined ? undefined : Kept.parse(JSON.parse(text));
      } catch {
        kept = undefined;
      }
    },
    look,
    async acknowledge() {
      if (!kept?.altered) return;
      await keep(undefined);
      cancel();
      busy = false;
      look();
    },
    stop,
    async forget() {
      stop();
      await notes.remove(name).catch(() => undefined);
    },
  };
}
