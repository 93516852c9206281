import { randomBytes } from 'node:crypto';
import type { AuditEntry, Auditor } from '../kernel/auditor.ts';
import type { Clock, Log, RandomSource, SecretStore } from '../kernel/ports.ts';

export interface HandClock extends Clock {
  /** Moves both clocks on and runs what has come due, in order. */
  advance(ms: number): void;
  /** Moves the wall clock alone, as a person or a time server does. */
  jump(ms: number): void;
}

/** A clock that stands still until it is moved. */
export function handClock(start = Date.parse('2026-01-01T00:00:00.000Z')): HandClock {
  let elapsed = 0;
  let wall = start;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => wall + elapsed,
    monotonic: () => elapsed,
    after(ms, run) {
      const timer = { at: elapsed + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const until = elapsed + ms;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        elapsed = next.at;
        next.run();
      }
      elapsed = until;
    },
    jump(ms) {
      wall += ms;
    },
  };
}

export const realRandom: RandomSource = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
  id: () => randomBytes(16).toString('base64url'),
};

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

export function memorySecrets(): SecretStore {
  const values = new Map<string, Uint8Array>();
  return {
    kind: 'memory',
    get: (name) => Promise.resolve(values.get(name) ?? null),
    set: (name, value) => Promise.resolve(void values.set(name, value)),
    delete: (name) => Promise.resolve(void values.delete(name)),
  };
}

export interface MemoryAuditor extends Auditor {
  readonly entries: AuditEntry[];
  /** From now on every append fails, as on a full disk. */
  break(): void;
  /** The next record of this type waits: until it is released nothing that comes after it happens. */
  hold(type: string): { readonly reached: Promise<void>; release(): void };
}

export function memoryAuditor(): MemoryAuditor {
  const entries: AuditEntry[] = [];
  const held = new Map<string, () => Promise<void>>();
  let broken = false;
  return {
    entries,
    break: () => void (broken = true),
    hold(type) {
      let release = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      const reached = new Promise<void>((resolve) => {
        held.set(type, () => {
          resolve();
          return released;
        });
      });
      return { reached, release: () => release() };
    },
    append(entry) {
      if (broken) return Promise.reject(new Error('disk full'));
      entries.push(entry);
      const wait = held.get(entry.type);
      held.delete(entry.type);
      return wait?.() ?? Promise.resolve();
    },
  };
}
