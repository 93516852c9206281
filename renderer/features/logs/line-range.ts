/** Height of a line when lines are not wrapped, in pixels; a number of the style sheet. */
export const LINE = 20;
/** Browsers draw nothing taller than about 33 million pixels. */
const TALLEST = 16_000_000;

export interface Shown {
  /** Index of the first line on the screen. */
  readonly first: number;
  /** How far that line is pushed out at the top, pixels. */
  readonly offset: number;
}

/** Height of the box in which the lines would lie one below the other. Pure. */
export function heightOf(count: number, viewport: number): number {
  return Math.max(viewport, Math.min(TALLEST, count * LINE));
}

/** What is on the screen at this scroll position; a log that is too tall for a browser moves in whole lines. Pure. */
export function shownAt(scrollTop: number, count: number, viewport: number): Shown {
  if (count * LINE <= TALLEST) {
    const first = Math.floor(scrollTop / LINE);
    return { first, offset: scrollTop - first * LINE };
  }
  const room = heightOf(count, viewport) - viewport;
  const last = Math.max(0, count - Math.floor(viewport / LINE));
  return { first: Math.round((Math.min(scrollTop, room) / room) * last), offset: 0 };
}

/** The scroll position at which this line is in the middle of the screen. Pure. */
export function scrollTo(index: number, count: number, viewport: number): number {
  const rows = Math.floor(viewport / LINE);
  const first = Math.max(0, Math.min(index - Math.floor(rows / 2), count - rows));
  if (count * LINE <= TALLEST) return first * LINE;
  return (first / Math.max(1, count - rows)) * (heightOf(count, viewport) - viewport);
}
