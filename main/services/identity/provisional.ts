import type { DeviceId } from '../../../contract/ids.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { DeviceBook } from './device-book.ts';
import type { HostAge } from './host-age.ts';

/** How long an admitted device has to say that it stored its key. */
export const STORED_WITHIN_MS = 10 * 60_000;

/** Admitted devices that have not yet said that they stored their key: they have ten minutes of monotonic time. */
export interface Provisional {
  begin(id: DeviceId): void;
  /** Takes up those of an earlier run, with what was left of their time. */
  resume(): void;
  stop(): void;
}

export function createProvisional(deps: {
  book: Pick<DeviceBook, 'all' | 'drop'>;
  age: HostAge;
  clock: Clock;
}): Provisional {
  const { book, age, clock } = deps;
  const timers = new Map<DeviceId, () => void>();

  function wait(id: DeviceId, ms: number): void {
    timers.get(id)?.();
    const cancel = clock.after(ms, () => {
      timers.delete(id);
      // Harmless to one that has said so in the meantime.
      book.drop(id);
    });
    timers.set(id, cancel);
  }

  return {
    begin: (id) => wait(id, STORED_WITHIN_MS),
    resume() {
      for (const { device, stage, seenAge } of book.all()) {
        if (stage !== 'provisional') continue;
        const left = STORED_WITHIN_MS - (age.now() - seenAge);
        if (left > 0) wait(device.id, left);
        else book.drop(device.id);
      }
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
