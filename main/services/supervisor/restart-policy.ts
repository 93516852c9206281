import type { RestartPolicy } from '../../../contract/supervisor.ts';

const LONGEST_DELAY_MS = 60_000;
/** Doubling nothing stays nothing: without a floor a delay of 0 would be a busy loop. */
const SHORTEST_DELAY_MS = 50;
/** Delays differ by this part, so that what ended together does not start together. */
const SPREAD = 0.2;

export interface RestartQuestion {
  readonly policy: RestartPolicy;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Restarts in a row so far, since the last healthy run or the last start by hand. */
  readonly attempts: number;
  /** How long it ran this time. */
  readonly ranMs: number;
  /** A random number, 0 <= jitter < 1. */
  readonly jitter: number;
}

export type RestartAnswer =
  | { readonly kind: 'stay' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly attempts: number }
  /** No restart is left; with `crashLoop` there were some, and none of those runs was healthy. */
  | { readonly kind: 'give-up'; readonly reason: string; readonly crashLoop: boolean };

/** What happens after a process ended by itself. Pure; `stay` means that its end is final and no failure of ours. */
export function decideRestart(question: RestartQuestion): RestartAnswer {
  const { policy, exitCode, signal, ranMs, jitter } = question;
  const failed = exitCode !== 0;
  if (policy.mode === 'never' || (policy.mode === 'on-failure' && !failed)) return { kind: 'stay' };
  const attempts = ranMs >= policy.healthyAfterMs ? 0 : question.attempts;
  if (attempts >= policy.maxRestarts) {
    const last = describeExit(exitCode, signal);
    const crashLoop = attempts > 0;
    const healthy = Math.round(policy.healthyAfterMs / 1000);
    const reason = crashLoop
      ? `crash loop: ${attempts} restarts in a row and none ran for ${healthy} s; the last ${last}`
      : `${last}, and it is not to be restarted`;
    return { kind: 'give-up', reason, crashLoop };
  }
  return { kind: 'retry', delayMs: backoff(policy.delayMs, attempts, jitter), attempts: attempts + 1 };
}

/** The delay before restart number `attempts + 1`: doubled each time up to a minute, then spread by a fifth. */
function backoff(firstMs: number, attempts: number, jitter: number): number {
  const base = Math.max(firstMs, SHORTEST_DELAY_MS);
  const longest = Math.max(base, LONGEST_DELAY_MS);
  // 2 ** 20 is far beyond the cap, and more would lose precision for nothing.
  const delay = Math.min(longest, base * 2 ** Math.min(attempts, 20));
  return Math.round(delay * (1 - SPREAD + 2 * SPREAD * jitter));
}

/**
 * How long to wait for a restart that an earlier host had planned, in milliseconds. The clock may have been set back
 * since: it is never longer than a delay can be. Pure.
 * @param now milliseconds since 1970
 */
export function waitUntil(retryAt: string, { delayMs }: RestartPolicy, now: number): number {
  const longest = Math.max(delayMs, LONGEST_DELAY_MS) * (1 + SPREAD);
  return Math.min(longest, Math.max(0, Date.parse(retryAt) - now));
}

/** `ended with code 1`, `was ended by SIGKILL`, for reasons that people read. */
export function describeExit(exitCode: number | null, signal: string | null): string {
  if (signal !== null) return `was ended by ${signal}`;
  return exitCode === null ? 'ended in an unknown way' : `ended with code ${exitCode}`;
}
