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
