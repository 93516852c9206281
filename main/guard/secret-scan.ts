import { encodedBlobs } from './encoded-blobs.ts';
import type { KnownValues } from './known-values.ts';
import { decodedView, diffSide, joinedView, plainView, type PlainView } from './plain-view.ts';
import { findPrivateKeys } from './private-keys.ts';
import type { Found } from './secret-finding.ts';
import { contextPatterns, tokenPatterns, type SecretPattern } from './secret-patterns.ts';
import { createTextFinder } from './text-finder.ts';

export interface ScanOptions {
  /** Also with the lines joined that a terminal has broken. */
  readonly joined?: boolean;
  /** Also each side of a diff by itself, without its markers. */
  readonly diff?: boolean;
  /** What the owner lets through. */
  readonly spare?: (found: Found) => boolean;
}

/**
 * Every secret in a text: known values, private keys and patterns, in the text as it stands, as it reads without escape
 * sequences, with broken lines joined, and with one level of URL, JSON, base64 or hex taken off. Ranges do not overlap
 * and are in order. Pure, synchronous, linear.
 */
export function scanSecrets(text: string, known: KnownValues, options: ScanOptions = {}): Found[] {
  const whole: PlainView = { text, original: null };
  const plain = plainView(text);
  const views: PlainView[] = plain.original === null ? [whole] : [whole, plain];
  const found = views.flatMap((view) => scanView(view, known));
  const others = [
    options.joined === true ? joinedView(text) : null,
    ...(options.diff === true ? [diffSide(text, '-'), diffSide(text, '+')] : []),
  ];
  for (const view of others) {
    // Only what the break has hidden: all else was seen in the text itself, where a line end is one.
    const isBroken = ({ start, end }: Found): boolean => text.slice(start, end).includes('\n');
    if (view !== null) found.push(...scanView(view, known).filter(isBroken));
  }
  const decoded = decodedView(text);
  if (decoded !== null) found.push(...scanView(decoded, known));
  found.push(...scanEncoded(text, known));
  const { spare } = options;
  return merge(spare ? found.filter((one) => !spare(one)) : found);
}

function scanView({ text, original }: PlainView, known: KnownValues): Found[] {
  const found: Found[] = [...known.find(text), ...findPrivateKeys(text).filter((block) => block.filled)];
  const done = new Map<SecretPattern, number>();
  hinted.each(text, (id, at) => {
    for (const pattern of patternsOfHint[id] ?? []) {
      const begin = pattern.begin?.(text, at) ?? at;
      // What a match has taken is not looked at again.
      if (begin >= (done.get(pattern) ?? 0)) scanAt(pattern, text, begin, found, done);
    }
  });
  const lower = text.toLowerCase();
  for (const pattern of wholeText) scanWhole(pattern, text, pattern.folded ? lower : text, found);
  if (original === null) return found;
  return found.map((one) => ({ ...one, ...original(one.start, one.end) }));
}

const anchored = [...tokenPatterns, ...contextPatterns].filter((pattern) => pattern.begin !== undefined);
const wholeText = contextPatterns.filter((pattern) => pattern.begin === undefined);
const hinted = createTextFinder(
  Math.min(...anchored.flatMap(({ hints }) => hints.map((hint) => hint.length))),
);
const patternsOfHint: SecretPattern[][] = [];
for (const pattern of anchored) {
  for (const hint of pattern.hints) {
    const id = hinted.add(hint);
    patternsOfHint[id] = [...(patternsOfHint[id] ?? []), pattern];
  }
}

/** One pattern alone, over the text as it stands. */
export function findPattern(pattern: SecretPattern, text: string): Found[] {
  const found: Found[] = [];
  const { begin } = pattern;
  if (begin === undefined) {
    scanWhole(pattern, text, pattern.folded ? text.toLowerCase() : text, found);
    return found;
  }
  const done = new Map<SecretPattern, number>();
  for (const hint of pattern.hints) {
    for (let at = text.indexOf(hint); at >= 0; at = text.indexOf(hint, at + 1)) {
      const from = begin(text, at);
      if (from >= (done.get(pattern) ?? 0)) scanAt(pattern, text, from, found, done);
    }
  }
  return found;
}

function scanAt(
  pattern: SecretPattern,
  text: string,
  begin: number,
  found: Found[],
  done: Map<SecretPattern, number>,
): void {
  pattern.expression.lastIndex = begin;
  const match = pattern.expression.exec(text);
  if (!match) return;
  done.set(pattern, match.index + match[0].length);
  take(pattern, match, found);
}

function scanWhole(pattern: SecretPattern, text: string, haystack: string, found: Found[]): void {
  if (!pattern.hints.some((hint) => haystack.includes(hint))) return;
  for (const match of text.matchAll(pattern.expression)) take(pattern, match, found);
}

function take(pattern: SecretPattern, match: RegExpExecArray, found: Found[]): void {
  const value = match[1] ?? match[2] ?? match[0];
  if (pattern.plausible?.(value) === false) return;
  const end = match.index + match[0].length;
  const { kind, origin } = pattern;
  found.push({ kind, origin, start: end - value.length, end, value });
}

/** A blob that decodes to something with a secret is a secret as a whole. All blobs are scanned as one text. */
function scanEncoded(text: string, known: KnownValues): Found[] {
  const blobs = encodedBlobs(text);
  if (blobs.length === 0) return [];
  const offsets: number[] = [];
  let length = 0;
  for (const { decoded } of blobs) {
    offsets.push(length);
    length += decoded.length + SEPARATOR.length;
  }
  const inner = scanView(
    { text: blobs.map(({ decoded }) => decoded).join(SEPARATOR), original: null },
    known,
  );
  return inner.flatMap((one) => {
    const index = offsets.findLastIndex((offset) => offset <= one.start);
    const blob = blobs[index];
    return blob ? [{ ...one, kind: 'encoded-secret', start: blob.start, end: blob.end }] : [];
  });
}
// Nothing that a secret can contain, so that none is found over two blobs.
const SEPARATOR = '\n\u0000\n';

/** The origin that allows least stands for the whole. */
const STRENGTH = { own: 3, 'private-key': 2, known: 1, pattern: 0 } as const;

function merge(found: Found[]): Found[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end || STRENGTH[b.origin] - STRENGTH[a.origin]);
  const merged: Found[] = [];
  for (const next of found) {
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) merged.push(next);
    else {
      const stronger = STRENGTH[next.origin] > STRENGTH[last.origin] ? next : last;
      merged[merged.length - 1] = { ...stronger, start: last.start, end: Math.max(last.end, next.end) };
    }
  }
  return merged;
}
