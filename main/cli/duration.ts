import { usage } from './failure.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of `90s`, `15m`, `8h`, `7d`, `500ms`; a bare number counts seconds.
 * @throws Failure `invalid_input`
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text);
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? 's'] ?? 0);
  if (!match || !Number.isSafeInteger(Math.round(ms))) {
    throw usage(`"${text}" is no duration; write a number and a unit, such as 90s, 15m, 8h or 7d`);
  }
  return Math.round(ms);
}

/** A whole number from `min` to `max`. @throws Failure `invalid_input` that names the option */
export function parseWhole(name: string, text: string, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw usage(`${name} must be a whole number from ${min} to ${max}`);
  return value;
}
