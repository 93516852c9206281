import { idKey, isFields, sessionOf, type Fields, type Id, type Message } from './message.ts';

/** A request of the editor that the agent has not answered yet. */
export interface Pending {
  readonly id: Id;
  readonly method: string;
  readonly session: string | null;
  /** As they went out. */
  readonly params: Fields;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  firstUpdateAt: number | null;
  updates: number;
}

export interface Requests {
  add(message: Message, params: Fields, now: number): void;
  has(id: Id): boolean;
  /** Takes out the request that this message answers; null when there is none. */
  settle(id: Id): Pending | null;
  /** A notice of the agent counts for the turn of its session. */
  updated(session: string | null, now: number): void;
  takeAll(): Pending[];
}

export function createRequests(): Requests {
  const open = new Map<string, Pending>();
  return {
    add(message, params, now) {
      const { id, method } = message;
      if (id === undefined || method === undefined) return;
      const session = sessionOf(message);
      open.set(idKey(id), { id, method, session, params, sentAt: now, firstUpdateAt: null, updates: 0 });
    },
    has: (id) => open.has(idKey(id)),
    settle(id) {
      const found = open.get(idKey(id)) ?? null;
      open.delete(idKey(id));
      return found;
    },
    updated(session, now) {
      for (const pending of open.values()) {
        if (pending.session !== session || pending.method !== 'session/prompt') continue;
        pending.firstUpdateAt ??= now;
        pending.updates += 1;
      }
    },
    takeAll() {
      const all = [...open.values()];
      open.clear();
      return all;
    },
  };
}

/**
 * The answer with what the way cost, as this end saw it: from the request's leaving to its answer, in milliseconds.
 * Null when the answer has no place for it. Pure.
 */
export function withLatency(
  raw: Fields,
  pending: Pending,
  now: number,
  roundTripMs: number | null,
): Fields | null {
  const result = raw['result'];
  if (!isFields(result)) return null;
  const meta = isFields(result['_meta']) ? result['_meta'] : {};
  const own = isFields(meta['signalbox']) ? meta['signalbox'] : {};
  const round = (ms: number) => Math.round(ms * 100) / 100;
  const transportLatency = {
    elapsedMs: round(now - pending.sentAt),
    ...(pending.method === 'session/prompt' && {
      firstUpdateMs: pending.firstUpdateAt === null ? null : round(pending.firstUpdateAt - pending.sentAt),
      updateCount: pending.updates,
    }),
    ...(roundTripMs !== null && { roundTripMs: round(roundTripMs) }),
  };
  return { ...raw, result: { ...result, _meta: { ...meta, signalbox: { ...own, transportLatency } } } };
}
