import { StringDecoder } from 'node:string_decoder';
import type { KnownValues } from './known-values.ts';
import { masked, openEscape, plainView } from './plain-view.ts';
import { findPrivateKeys } from './private-keys.ts';
import type { Found } from './secret-finding.ts';
import { openContext } from './secret-patterns.ts';

export interface SecretStream {
  /** Takes the next piece (bytes as UTF-8) and returns what is safe to show; the last unfinished word is held back. */
  push(chunk: string | Uint8Array): string;
  /** Returns the rest. The stream takes nothing after it. */
  end(): string;
  /** How many of the bytes that were taken are held back now: who begins anew so far back misses nothing. */
  held(): number;
}

export interface SecretStreamDeps {
  readonly known: Pick<KnownValues, 'openAt'>;
  scan(text: string): readonly Found[];
  /** Replaces the found ranges that start at or after `from`, and returns the text from there. */
  redact(text: string, found: readonly Found[], from: number): string;
}

const maximumWord = 8192;
const maximumKeyBlock = 32_768;
const contextLength = 64;

/**
 * Redacts a stream so that no split of a secret over pieces gets through. A token has no whitespace, so everything up
 * to the last whitespace can be decided; what may still become a secret is kept: an assignment whose value has not
 * come, a private key without its end, an unfinished escape sequence, the beginning of a known value with spaces.
 */
export function createSecretStream(deps: SecretStreamDeps): SecretStream {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  // Bytes of a character whose rest has not come; the decoder holds them.
  let partial = 0;
  // What was released last, so that a word boundary is judged as in the whole text.
  let before = '';
  let swallow: 'word' | 'key' | null = null;

  const release = (cut: number): string => {
    const text = before + pending.slice(0, cut);
    const shown = deps.redact(text, deps.scan(text), before.length);
    before = text.slice(-contextLength);
    pending = pending.slice(cut);
    return shown;
  };
  /** Drops the rest of a secret that was too long to hold. */
  const drop = (): void => {
    const stop = swallow === 'word' ? pending.search(/\s/) : keyEnd(pending);
    if (swallow !== null && stop >= 0) {
      pending = pending.slice(stop);
      swallow = null;
    } else if (swallow !== null) pending = swallow === 'key' ? pending.slice(-64) : '';
  };
  const forced = (): string => {
    const text = before + pending;
    const half = before.length + maximumWord / 2;
    const spanning = deps.scan(text).find((found) => found.start < half && found.end >= half);
    if (spanning === undefined) return release(maximumWord / 2);
    if (spanning.start > before.length) return release(spanning.start - before.length);
    swallow = 'word';
    return release(Math.min(pending.length, spanning.end - before.length));
  };
  const swallowing = (): boolean => swallow !== null;
  const advance = (): string => {
    let shown = '';
    drop();
    if (swallow !== null) return shown;
    const cut = safeCut(pending, deps.known);
    if (cut > 0) shown += release(cut);
    if (pending.length > maximumKeyBlock && heldKeys(pending)[0]?.start === 0) {
      shown += release(pending.length);
      swallow = 'key';
    } else if (!isHeldKey(pending)) {
      while (pending.length > maximumWord && !swallowing()) shown += forced();
    }
    return shown;
  };
  return {
    push(chunk) {
      pending += typeof chunk === 'string' ? chunk : decoder.write(chunk);
      partial = typeof chunk === 'string' ? 0 : openCharacter(chunk);
      return advance();
    },
    held: () => Buffer.byteLength(pending) + partial,
    end() {
      pending += decoder.end();
      const shown = advance();
      return swallow === null ? shown + release(pending.length) : shown;
    },
  };
}

/** How many bytes at the end begin a UTF-8 character that is not complete. */
function openCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Private keys as they read without escape sequences, by their places in the text. */
function heldKeys(text: string): { start: number; end: number; closed: boolean; open: boolean }[] {
  const plain = plainView(text);
  return findPrivateKeys(plain.text).map(({ start, end, closed }) => ({
    ...(plain.original?.(start, end) ?? { start, end }),
    closed,
    open: !closed && end === plain.text.length,
  }));
}

const isHeldKey = (text: string): boolean => heldKeys(text).at(-1)?.open ?? false;

/** Index up to which nothing can still become part of a secret. Always behind whitespace that can be seen. */
function safeCut(text: string, known: Pick<KnownValues, 'openAt'>): number {
  const seen = masked(text);
  let cut = wordStart(seen, Math.min(text.length, openEscape(text)));
  // What is open at one place may itself begin within something that is open, so the steps repeat until none moves.
  for (let last = -1; last !== cut;) {
    last = cut;
    const window = Math.max(0, cut - 400);
    const context = openContext.exec(text.slice(window, cut));
    if (context !== null) cut = wordStart(seen, window + context.index);
    cut = wordStart(seen, Math.min(openKey(text, cut), known.openAt(text, cut)));
  }
  return cut;
}

/** Where the word begins that goes on at `at`. */
function wordStart(seen: string, at: number): number {
  let from = at;
  while (from > 0 && !/\s/.test(seen.charAt(from - 1))) from -= 1;
  return from;
}

/** Start of a private key that is open at `cut`, or of what may become its first line. */
function openKey(text: string, cut: number): number {
  for (const { start, end, closed, open } of heldKeys(text)) {
    // The END line may be the word that is still coming.
    if (start < cut && (end > cut || (!closed && (open || end >= cut)))) return start;
  }
  const plain = plainView(text.slice(0, openEscape(text)));
  const dashes = plain.text.lastIndexOf('-----BEGIN');
  if (dashes < 0 || plain.text.length - dashes >= 96) return cut;
  if (!/^-----BEGIN[A-Z0-9 +]*-{0,4}$/.test(plain.text.slice(dashes))) return cut;
  return Math.min(cut, plain.original?.(dashes, dashes + 1).start ?? dashes);
}

/** Where the text after an overlong private key goes on: behind its END line, or at a character no key has. */
function keyEnd(text: string): number {
  const footer = /-----END[A-Z0-9 +]{0,64}-----/.exec(text);
  const foreign = text.search(/[^A-Za-z0-9+/=\s\\:,.|>#*"'()_\x1b[;-]/);
  if (footer !== null && (foreign < 0 || footer.index < foreign)) return footer.index + footer[0].length;
  return foreign;
}
