const FIRST = 500;
const LONGEST = 30_000;

/**
 * Milliseconds before the next attempt after `failures` in a row: doubling up to half a minute, spread by half in both
 * directions, so that many phones do not knock at the same moment. `random` gives a byte, 0 to 255.
 */
export function backoff(failures: number, random: () => number): number {
  const base = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 16));
  return Math.round(base * (0.5 + random() / 255));
}
