import { joinedView, plainView } from './plain-view.ts';
import type { PlainView } from './plain-view.ts';
import { contextPatterns, tokenPatterns } from './secret-patterns.ts';
import type { SecretPattern } from './secret-patterns.ts';

export interface Found {
  readonly kind: string;
  /** Range in the text. */
  readonly start: number;
  readonly end: number;
}

export interface PrivateKeyBlock extends Found {
  /** Whether the END line was seen. */
  readonly closed: boolean;
  /** Whether it holds enough to be a key. */
  readonly filled: boolean;
}

/**
 * Every secret in a text: known values first, then patterns, in the text as it stands, as it reads without escape
 * sequences, and with broken lines joined. Ranges do not overlap and are in order. Pure, synchronous, linear.
 */
export function scanSecrets(
  text: string,
  known: readonly string[],
  options: { diff?: boolean; joined?: boolean } = {},
): Found[] {
  const found: Found[] = scanView({ text, original: null }, known, true);
  const plain = plainView(text);
  if (plain.original !== null) found.push(...scanView(plain, known, true));
  if (options.joined) {
    const joined = joinedView(text, options.diff ?? false);
    if (joined !== null) found.push(...scanView(joined, known, false));
    found.push(...scanEncoded(text, known));
  }
  return merge(found);
}

function scanView({ text, original }: PlainView, known: readonly string[], contexts: boolean): Found[] {
  const found: Found[] = [
    ...scanKnown(text, known),
    ...findPrivateKeys(text).filter((block) => block.filled),
  ];
  const lower = contexts ? text.toLowerCase() : '';
  for (const pattern of tokenPatterns) scanPattern(pattern, text, text, found);
  if (contexts) for (const pattern of contextPatterns) scanPattern(pattern, text, lower, found);
  if (original === null) return found;
  return found.map(({ kind, start, end }) => ({
    kind,
    start: original[start] ?? 0,
    end: (original[end - 1] ?? 0) + 1,
  }));
}

function scanPattern(pattern: SecretPattern, text: string, lower: string, found: Found[]): void {
  const haystack = pattern.folded ? lower : text;
  if (!pattern.hints.some((hint) => haystack.includes(hint))) return;
  for (const match of text.matchAll(pattern.expression)) {
    const value = match[1] ?? match[2] ?? match[0];
    if (pattern.plausible?.(value) === false) continue;
    const end = match.index + match[0].length;
    found.push({ kind: pattern.kind, start: end - value.length, end });
  }
}

function scanKnown(text: string, known: readonly string[]): Found[] {
  const found: Found[] = [];
  for (const value of known) {
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
      found.push({ kind: 'known-secret', start: at, end: at + value.length });
    }
  }
  return found;
}

const header = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
const footer = /-----END [A-Z0-9 ]{0,64}-----/y;
const body = /(?:(?!-----)[A-Za-z0-9+/=\s\\:,.|>#*"'()_-])*/y;

/** PEM and armoured private keys, closed or cut off, also with diff markers, quotes or `\n` between the lines. */
export function findPrivateKeys(text: string): PrivateKeyBlock[] {
  const blocks: PrivateKeyBlock[] = [];
  let at = text.indexOf('-----BEGIN ');
  while (at >= 0) {
    const opened = matchAt(header, text, at);
    if (opened === 0) {
      at = text.indexOf('-----BEGIN ', at + 1);
      continue;
    }
    const inner = at + opened;
    const innerEnd = inner + matchAt(body, text, inner);
    const closing = matchAt(footer, text, innerEnd);
    const letters = text.slice(inner, Math.min(innerEnd, inner + 4096)).replace(/[^A-Za-z0-9+/]/g, '').length;
    blocks.push({
      kind: 'private-key',
      start: at,
      end: innerEnd + closing,
      closed: closing > 0,
      filled: letters >= 24,
    });
    at = text.indexOf('-----BEGIN ', innerEnd + closing);
  }
  return blocks;
}

function matchAt(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.exec(text)?.[0].length ?? 0;
}

/** One level of base64: a blob that decodes to something with a secret is a secret as a whole. */
function scanEncoded(text: string, known: readonly string[]): Found[] {
  const found: Found[] = [];
  for (const match of text.matchAll(/[A-Za-z0-9+/]{128,1000000}={0,2}/g)) {
    const decoded = Buffer.from(match[0], 'base64').toString('latin1');
    if (scanView({ text: decoded, original: null }, known, true).length > 0) {
      found.push({ kind: 'encoded-secret', start: match.index, end: match.index + match[0].length });
    }
  }
  return found;
}

function merge(found: Found[]): Found[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Found[] = [];
  for (const next of found) {
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) merged.push(next);
    else if (next.end > last.end) merged[merged.length - 1] = { ...last, end: next.end };
  }
  return merged;
}
