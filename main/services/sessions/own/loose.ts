/** Reading what others wrote: nothing is taken for granted, and what is not there is `null`. */
export type Loose = Readonly<Record<string, unknown>>;

export function object(value: unknown): Loose | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : null;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Those that are objects. */
export function objects(values: readonly unknown[]): Loose[] {
  return values.map(object).filter((value) => value !== null);
}

export function string(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Milliseconds since 1970 of a text; null when it is no time that a record could have. */
export function time(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isFinite(ms) && ms > 0 && ms < 8.64e15 ? ms : null;
}

/** The first line of a text, short enough for a list. */
export function titleOf(text: string): string {
  const line = text
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '');
  return (line ?? '').slice(0, 120);
}

/** A text, or the texts among the parts of a message. */
export function texts(content: unknown, ...kinds: readonly string[]): string {
  const whole = string(content);
  if (whole !== null) return whole;
  return list(content)
    .flatMap((part) => {
      const one = object(part);
      const kind = string(one?.['type']);
      return one && (kind === null || kinds.includes(kind)) ? [string(one['text']) ?? ''] : [];
    })
    .filter((text) => text !== '')
    .join('\n');
}
