import * as z from 'zod';
import type { Notes } from './notes.ts';
import type { Farewell } from './views.ts';

const NOTE = 'farewells';
const MOST = 8;
const Stored = z.array(
  z.strictObject({ hostId: z.string().max(128), name: z.string().max(64), at: z.int().nonnegative() }),
);

/** Hosts that removed this device, until the person has taken note: the app may be away when it happens. */
export interface Farewells {
  list(): readonly Farewell[];
  read(): Promise<void>;
  add(farewell: Farewell): Promise<void>;
  dismiss(hostId: string): Promise<void>;
}

export function createFarewells(notes: Notes, changed: () => void): Farewells {
  let known: readonly Farewell[] = [];
  async function become(next: readonly Farewell[]): Promise<void> {
    known = next;
    changed();
    await notes.write(NOTE, JSON.stringify(next)).catch(() => undefined);
  }
  const without = (hostId: string): Farewell[] => known.filter((farewell) => farewell.hostId !== hostId);
  return {
    list: () => known,
    async read() {
      try {
        known = Stored.parse(JSON.parse((await notes.read(NOTE)) ?? '[]'));
      } catch {
        known = [];
      }
    },
    add: (farewell) => become([...without(farewell.hostId), farewell].slice(-MOST)),
    async dismiss(hostId) {
      if (known.some((farewell) => farewell.hostId === hostId)) await become(without(hostId));
    },
  };
}
