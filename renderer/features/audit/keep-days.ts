const MOST_DAYS = 36_500;

/** The days that a field holds: whole, from one to a hundred years, as `audit.prune` takes them; else null. */
export function keepDays(typed: string): number | null {
  const text = typed.trim();
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return days >= 1 && days <= MOST_DAYS ? days : null;
}
