import { readSync } from 'node:fs';
import type { MappedFile } from './log-files.ts';
import { utf8Bounds } from '../utf8-slice.ts';

/** What is shown of a line; the rest of a longer one is left out. */
export const MAX_LINE = 8192;
/** More than the longest private key that is held together in a text. */
const AROUND = 40_960;
/** Enough for everything that stands in one line. */
const NEAR = 1024;
/** Lines further apart than this are read each by itself. */
const MAX_SPAN = 1_048_576;
/**
 * So little is read at once: it was searched or counted a moment ago, so it is in memory, and the way through the
 * thread pool takes ten times as long as the reading.
 */
const SMALL = 12_288;
/** So much base64 in a row may be a line of a key. */
const KEY_LINE = 40;
const NEWLINE = 10;

/** `[from, to)` of a text, as it may leave; judged by the whole text. */
export type Part = (text: string, from: number, to: number) => string;

/** Where a line is: its bytes without the end of the line. */
export interface Place {
  readonly file: MappedFile;
  readonly start: number;
  readonly end: number;
  readonly cut: boolean;
  /** Its end was not written yet. */
  readonly open: boolean;
}

export interface ShownLine {
  readonly text: string;
  /** The gate has taken something out of it. */
  readonly isChanged: boolean;
}

export async function readBytes({ handle }: MappedFile, from: number, to: number): Promise<Buffer> {
  const start = Math.max(0, from);
  const buffer = Buffer.allocUnsafe(Math.max(0, to - start));
  if (buffer.length <= SMALL) return buffer.subarray(0, readSync(handle.fd, buffer, 0, buffer.length, start));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}

/** Ends of lines that begin at these offsets, ascending, in one file. */
export async function placesAt(file: MappedFile, starts: readonly number[]): Promise<Place[]> {
  const first = starts[0] ?? 0;
  const last = starts.at(-1) ?? 0;
  if (last - first > MAX_SPAN && starts.length > 1) {
    const half = starts.length >> 1;
    return [...(await placesAt(file, starts.slice(0, half))), ...(await placesAt(file, starts.slice(half)))];
  }
  const bytes = await readBytes(file, first, Math.min(last + MAX_LINE + 1, file.counted));
  return starts.map((start) => {
    const found = bytes.indexOf(NEWLINE, start - first);
    const end = found === -1 ? first + bytes.length : first + found;
    if (end - start <= MAX_LINE) return { file, start, end, cut: false, open: found === -1 };
    const head = bytes.subarray(start - first, start - first + MAX_LINE);
    return { file, start, end: start + utf8Bounds(head, false, false).end, cut: true, open: false };
  });
}

/** The text of these places as it may leave, in their order. */
export async function showPlaces(places: readonly Place[], part: Part): Promise<ShownLine[]> {
  const shown: ShownLine[] = [];
  for (let at = 0; at < places.length;) {
    let to = at + 1;
    while (to < places.length && follows(places[to - 1], places[to])) to += 1;
    shown.push(...(await showRange(places.slice(at, to), part)));
    at = to;
  }
  return shown;
}

function follows(before: Place | undefined, next: Place | undefined): boolean {
  return before !== undefined && !before.cut && before.file === next?.file && before.end + 1 === next.start;
}

/** Lines that stand one after the other. Half a secret does not look like one: they are judged with what is around. */
async function showRange(places: readonly Place[], part: Part): Promise<ShownLine[]> {
  const [first] = places;
  const last = places.at(-1);
  if (!first || !last) return [];
  const near = await surroundings(first, last, NEAR);
  const whole = mayHoldKey(near.text) ? await surroundings(first, last, AROUND) : near;
  const raw = whole.text.slice(whole.from, whole.to).split('\n');
  return cleanLines(whole.text, whole.from, whole.to, part).map((text, index) => ({
    text: text.replace(/\r$/, ''),
    isChanged: text !== raw[index],
  }));
}

async function surroundings(first: Place, last: Place, size: number) {
  const { file } = first;
  const from = Math.max(0, first.start - size);
  const bytes = await readBytes(file, from, Math.min(last.end + size, file.counted));
  const lead = bytes.toString('utf8', 0, first.start - from);
  const middle = bytes.toString('utf8', first.start - from, last.end - from);
  const tail = bytes.toString('utf8', last.end - from);
  return { text: `${lead}${middle}${tail}`, from: lead.length, to: lead.length + middle.length };
}

/** A key goes over many lines: what begins or ends it may be further away. */
function mayHoldKey(text: string): boolean {
  if (text.includes('PRIVATE KEY')) return true;
  // By hand: an expression would try anew at every letter.
  for (let at = KEY_LINE - 1; at < text.length; at += KEY_LINE) {
    let from = at;
    let to = at;
    while (isKeyText(text.charCodeAt(from))) from -= 1;
    while (isKeyText(text.charCodeAt(to))) to += 1;
    if (to - from > KEY_LINE) return true;
  }
  return false;
}

/** Letters and digits of base64; false beside the text. */
function isKeyText(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 47 && code <= 57) ||
    code === 43 ||
    code === 61
  );
}

/**
 * Line by line what may leave of `[from, to)`. A secret that goes over several lines is one word afterwards: where
 * lines are missing, each half is judged by itself until the lines are those that were there.
 */
export function cleanLines(whole: string, from: number, to: number, part: Part): string[] {
  const lines = part(whole, from, to).split('\n');
  const raw = whole.slice(from, to).split('\n');
  if (lines.length === raw.length) return lines;
  if (raw.length === 1) return [lines.join(' ')];
  const half = raw.slice(0, raw.length >> 1).join('\n').length;
  return [...cleanLines(whole, from, from + half, part), ...cleanLines(whole, from + half + 1, to, part)];
}
