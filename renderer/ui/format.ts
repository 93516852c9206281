const UNITS: readonly [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** A length of time in its two largest units: `3 h 5 min`. @param ms milliseconds; below a second is `0 s` */
export function duration(ms: number): string {
  const index = UNITS.findIndex(([size]) => ms >= size);
  const [size, name] = UNITS[index] ?? [1000, 's'];
  const next = UNITS[index + 1];
  const first = `${Math.floor(Math.max(0, ms) / size)} ${name}`;
  const rest = next ? Math.floor((ms % size) / next[0]) : 0;
  return next && rest > 0 ? `${first} ${rest} ${next[1]}` : first;
}

/** A countdown: `1:05`, `2:03:09`. @param ms milliseconds, shown as 0:00 once over */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * What is left of a span, never more than the whole of it: the clock of a screen ticks once a second, so it may
 * still show a time before the span began. @param begun RFC 3339 @param ends RFC 3339 @param now milliseconds
 */
export function remaining(begun: string, ends: string, now: number): number {
  const end = Date.parse(ends);
  return Math.min(Math.max(0, end - now), Math.max(0, end - Date.parse(begun)));
}

/** `482 913`, as a person reads six digits out. */
export const spacedCode = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;

const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

/** The time of day today, with the date on any other day; in the reader's own zone. @param instant RFC 3339 or ms */
export function when(instant: string | number, now: number): string {
  const date = new Date(instant);
  const time = date.toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
  if (sameDay(date, new Date(now))) return time;
  return `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })} ${time}`;
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const [value, unit] = count < 1_048_576 ? [count / 1024, 'KiB'] : [count / 1_048_576, 'MiB'];
  return `${value.toFixed(1)} ${unit}`;
}
