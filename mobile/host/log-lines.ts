import type { LogExtent, LogLine } from '../../contract/process-logs.ts';

/** Lines one after the other as a phone holds them, of one numbering. */
export interface HeldLines {
  readonly extent: LogExtent | null;
  readonly lines: readonly LogLine[];
}

export const NO_LINES: HeldLines = { extent: null, lines: [] };

export const firstOf = ({ lines }: HeldLines): number => lines[0]?.number ?? 0;
/** One more than the number of the last line that is held; -1 while none is. */
export const endOf = ({ lines }: HeldLines): number => {
  const last = lines[lines.length - 1];
  return last ? last.number + 1 : -1;
};

/** Where the log stands by now. Numbers from before belong to another log when its epoch has changed. */
export function withExtent(held: HeldLines, extent: LogExtent): HeldLines {
  return { extent, lines: held.extent?.epoch === extent.epoch ? held.lines : [] };
}

/**
 * Newer lines behind those that are held; a line that had not ended yet is told anew. Where some are missing in
 * between, only the newer ones are held. `most`: how many are held at most, the newest of them.
 */
export function appended(held: HeldLines, newer: readonly LogLine[], most: number): HeldLines {
  const [first] = newer;
  if (!first) return held;
  const joins = held.lines.length > 0 && first.number <= endOf(held) && first.number >= firstOf(held);
  const before = joins ? held.lines.filter(({ number }) => number < first.number) : [];
  const lines = [...before, ...newer];
  return { ...held, lines: lines.length > most ? lines.slice(-Math.ceil(most / 2)) : lines };
}

/** Older lines before those that are held; of more than `most` the oldest stay. */
export function prepended(held: HeldLines, older: readonly LogLine[], most: number): HeldLines {
  const first = firstOf(held);
  const fresh = older.filter(({ number }) => number < first);
  const last = fresh[fresh.length - 1];
  // A gap would tell a story that never was.
  if (!last || last.number + 1 !== first) return held;
  return { ...held, lines: [...fresh, ...held.lines].slice(0, most) };
}
