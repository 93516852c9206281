const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * How long to wait before an attempt: twice as long each time, the half of it by chance, so that many clients of one
 * host do not come back at once. Pure.
 * @param attempt counted from 0
 * @param chance from 0 to 1
 */
export function backoffMs(attempt: number, chance: number): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.min(attempt, 16), LONGEST_MS);
  return whole / 2 + (whole / 2) * chance;
}
