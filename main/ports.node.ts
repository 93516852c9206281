import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Clock, Log, RandomSource } from './kernel/ports.ts';

const MAX_TIMER_MS = 2 ** 31 - 1;

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const nodeRandom: RandomSource = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
  id() {
    for (;;) {
      const id = randomBytes(16).toString('base64url');
      // The command line would take it for an option.
      if (!id.startsWith('-')) return id;
    }
  },
};

/**
 * The host's own log, one JSON object a line in `host.log`. Every line passes the outbound gate before it is written,
 * so that a secret in an error text never reaches the disk.
 */
export function createNodeLog(folder: string, sanitize: (text: string) => string): Log & { flush(): void } {
  const destination = pino.destination({
    dest: join(folder, 'host.log'),
    mode: 0o600,
    mkdir: true,
    sync: true,
  });
  const logger = pino(
    {
      base: null,
      redact: ['*.authorization', '*.cookie', '*.token', '*.psk', '*.secret'],
      hooks: { streamWrite: sanitize },
    },
    destination,
  );
  return {
    info: (facts, message) => logger.info(facts, message),
    warn: (facts, message) => logger.warn(facts, message),
    error: (facts, message) => logger.error(facts, message),
    flush: () => destination.flushSync(),
  };
}

export function hostName(): string {
  return hostname().slice(0, 64) || 'this computer';
}
