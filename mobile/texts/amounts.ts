const two = (n: number): string => String(n).padStart(2, '0');

/** A whole number with a comma between thousands. */
export function count(n: number): string {
  return String(Math.round(n)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** An amount of money with its currency (ISO 4217); small ones keep the digits that matter. */
export function money(amount: number, currency: string): string {
  const digits = amount > 0 && amount < 0.1 ? 4 : 2;
  return `${amount.toFixed(digits)} ${currency}`;
}

/** A time that has passed, in milliseconds, as `m:ss` or `h:mm:ss`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  if (minutes < 60) return `${String(minutes)}:${rest}`;
  return `${String(Math.floor(minutes / 60))}:${two(minutes % 60)}:${rest}`;
}

/** Processors in use as people say it: one core all of the time is 100 %. `null`: not known yet. */
export function cores(used: number | null): string {
  if (used === null) return '…';
  const percent = 100 * used;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : String(Math.round(percent))} %`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** An amount of bytes in the unit that keeps it short, by powers of 1024. */
export function bytes(amount: number): string {
  let value = amount;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}
