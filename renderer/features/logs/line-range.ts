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

/** The box in which the lines lie. Wrapped lines are taller than `LINE`: any of them may be the first on the screen. */
export interface Box {
  readonly viewport: number;
  readonly wrap: boolean;
}

/** Height of the box in which the lines would lie one below the other. Pure. */
export function heightOf(count: number, { viewport, wrap }: Box): number {
  return Math.max(viewport, Math.min(TALLEST, count * LINE + (wrap ? viewport - LINE : 0)));
}

/** The line that is first on the screen at the end of the scroll. Pure. */
export function lastFirst(count: number, { viewport, wrap }: Box): number {
  return Math.max(0, count - (wrap ? 1 : Math.floor(viewport / LINE)));
}

/** What is on the screen at this scroll position; a log that is too tall for a browser moves in whole lines. Pure. */
export function shownAt(scrollTop: number, count: number, box: Box): Shown {
  if (count * LINE <= TALLEST) {
    const first = Math.floor(scrollTop / LINE);
    return { first, offset: box.wrap ? 0 : scrollTop - first * LINE };
  }
  const room = heightOf(count, box) - box.viewport;
  return { first: Math.round((Math.min(scrollTop, room) / room) * lastFirst(count, box)), offset: 0 };
}

/** The scroll position at which this line is the first on the screen, as far as there are lines behind it. Pure. */
export function topOf(index: number, count: number, box: Box): number {
  const first = Math.max(0, Math.min(index, lastFirst(count, box)));
  if (count * LINE <= TALLEST) return first * LINE;
  return (first / Math.max(1, lastFirst(count, box))) * (heightOf(count, box) - box.viewport);
}

/** The scroll position at which this line is in the middle of the screen; of wrapped lines it is the first, since the one before may fill it. Pure. */
export function scrollTo(index: number, count: number, box: Box): number {
  const before = box.wrap ? 0 : Math.floor(box.viewport / LINE / 2);
  return topOf(index - before, count, box);
}
