import type { DeviceId } from '../../../contract/ids.ts';
import type { GoodbyeReason } from '../../../contract/wire.ts';

/** One live connection of a device, as its carrier lets us reach it. */
export interface LiveSession {
  /** Tells the device why, then ends the connection. */
  end(reason: GoodbyeReason): void;
  /** The keys of the host were changed: tells it the new ones. Absent on a browser, which has none. */
  rotate?(): void;
}

/** Which devices are connected now. */
export interface LiveSessions {
  has(id: DeviceId): boolean;
  ids(): DeviceId[];
  of(id: DeviceId): readonly LiveSession[];
  add(id: DeviceId, session: LiveSession): void;
  /** True when it was the last one of this device. */
  remove(id: DeviceId, session: LiveSession): boolean;
  /** Ends all connections of a device and forgets them in the same tick. */
  end(id: DeviceId, reason: GoodbyeReason): void;
}

export function createLiveSessions(): LiveSessions {
  const live = new Map<DeviceId, Set<LiveSession>>();
  return {
    has: (id) => live.has(id),
    ids: () => [...live.keys()],
    of: (id) => [...(live.get(id) ?? [])],
    add(id, session) {
      const set = live.get(id) ?? new Set();
      live.set(id, set.add(session));
    },
    remove(id, session) {
      const set = live.get(id);
      if (!set?.delete(session) || set.size > 0) return false;
      live.delete(id);
      return true;
    },
    end(id, reason) {
      const set = live.get(id);
      live.delete(id);
      for (const session of set ?? []) session.end(reason);
    },
  };
}
