import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kernel/ports.ts';
import { createRateWindow, type RateWindow } from '../../kernel/rate-window.ts';

const MAX_HALF_OPEN = 64;
const MAX_HALF_OPEN_EACH = 32;
const REFUSED_PER_MINUTE = 5;
const MINUTE_MS = 60_000;
/** Addresses that are remembered; who can come from more than these is not stopped by counting addresses. */
const MAX_ADDRESSES = 4096;

export interface HandshakeLimits {
  /** A place for one handshake, or null: then it is turned away unread. */
  begin(address: string): { refused(): void; done(): void } | null;
}

/**
 * Keeps noise from one address away from the others: no more than 64 handshakes at once, 32 from one address, and
 * after five in a minute that proved nothing the address waits. A handshake that merely broke off counts for nothing:
 * phones lose their network all the time.
 */
export function createHandshakeLimits(clock: Clock): HandshakeLimits {
  const halfOpen = new Map<string, number>();
  const refusals = new Map<string, RateWindow>();
  let all = 0;

  function refusalsOf(address: string): RateWindow {
    const known =
      refusals.get(address) ?? createRateWindow({ clock, max: REFUSED_PER_MINUTE, perMs: MINUTE_MS });
    // Put back at the end: the first one is then the one that was quiet for longest.
    refusals.delete(address);
    refusals.set(address, known);
    const [oldest] = refusals.keys();
    if (refusals.size > MAX_ADDRESSES && oldest !== undefined) refusals.delete(oldest);
    return known;
  }

  return {
    begin(address) {
      const mine = halfOpen.get(address) ?? 0;
      const isNoisy = refusals.get(address)?.isFull() ?? false;
      if (all >= MAX_HALF_OPEN || mine >= MAX_HALF_OPEN_EACH || isNoisy) return null;
      all += 1;
      halfOpen.set(address, mine + 1);
      return {
        refused: () => void refusalsOf(address).take(),
        done() {
          all -= 1;
          const left = (halfOpen.get(address) ?? 1) - 1;
          if (left > 0) halfOpen.set(address, left);
          else halfOpen.delete(address);
        },
      };
    },
  };
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * Who knocks, as far as it can be told. Behind a tunnel everybody comes from this machine, and the edge says in
 * `CF-Connecting-IP` who it is: a hint, good for sharing out room and for nothing else.
 */
export function addressOf(req: IncomingMessage): string {
  const peer = req.socket.remoteAddress ?? 'unknown';
  const hint = req.headers['cf-connecting-ip'];
  return LOOPBACK.has(peer) && typeof hint === 'string' ? `edge ${hint.slice(0, 64)}` : peer;
}
