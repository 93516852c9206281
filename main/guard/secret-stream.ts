import { StringDecoder } from 'node:string_decoder';
import { openEscape } from './plain-view.ts';
import { openContext } from './secret-patterns.ts';
import { findPrivateKeys, scanSecrets } from './secret-scan.ts';
import type { Found } from './secret-scan.ts';

export interface SecretStream {
  /** Takes the next piece (bytes as UTF-8) and returns what is safe to show; the last unfinished word is held back. */
  push(chunk: string | Uint8Array): string;
  /** Returns the rest. The stream takes nothing after it. */
  end(): string;
}

export interface SecretStreamDeps {
  /** Known values at this moment. */
  known(): readonly string[];
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
  // What was released last, so that a word boundary is judged as in the whole text.
  let before = '';
  let swallow: 'word' | 'key' | null = null;

  const release = (cut: number): string => {
    const text = before + pending.slice(0, cut);
    const shown = deps.redact(text, scanSecrets(text, deps.known()), before.length);
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
    const spanning = scanSecrets(text, deps.known()).find((found) => found.start < half && found.end >= half);
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
    const cut = safeCut(pending, deps.known());
    if (cut > 0) shown += release(cut);
    if (pending.length > maximumKeyBlock && findPrivateKeys(pending)[0]?.start === 0) {
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
      return advance();
    },
    end() {
      pending += decoder.end();
      const shown = advance();
      return swallow === null ? shown + release(pending.length) : shown;
    },
  };
}

const isHeldKey = (text: string): boolean => {
  const last = findPrivateKeys(text).at(-1);
  return last !== undefined && !last.closed && last.end === text.length;
};

/** Index up to which nothing can still become part of a secret. */
function safeCut(text: string, known: readonly string[]): number {
  let cut = /\s\S*$/.exec(text.slice(-maximumWord - 1))?.index ?? -1;
  cut = cut < 0 ? 0 : Math.max(0, text.length - maximumWord - 1) + cut + 1;
  cut = Math.min(cut, openEscape(text));
  // An escape sequence or an open key may begin before a context that is open, so the steps repeat until none moves.
  for (let last = -1; last !== cut;) {
    last = cut;
    const window = Math.max(0, cut - 400);
    const context = openContext.exec(text.slice(window, cut));
    if (context !== null) cut = window + context.index;
    cut = Math.min(cut, openKey(text, cut), openKnown(text, cut, known));
  }
  return cut;
}

/** Start of a private key that is open at `cut`, or of what may become its first line. */
function openKey(text: string, cut: number): number {
  for (const block of findPrivateKeys(text)) {
    if (block.start < cut && (block.end > cut || (!block.closed && block.end === text.length)))
      return block.start;
    // The END line may be the word that is still coming.
    if (block.start < cut && !block.closed && block.end >= cut) return block.start;
  }
  const dashes = text.lastIndexOf('-----BEGIN', cut);
  return dashes >= 0 && text.length - dashes < 96 && /^-----BEGIN[A-Z0-9 ]*-{0,4}$/.test(text.slice(dashes))
    ? dashes
    : cut;
}

function openKnown(text: string, cut: number, known: readonly string[]): number {
  let result = cut;
  for (const value of known) {
    if (!/\s/.test(value)) continue;
    for (let length = Math.min(value.length - 1, cut); length > 0; length -= 1) {
      if (text.startsWith(value.slice(0, length), cut - length)) {
        result = Math.min(result, cut - length);
        break;
      }
    }
  }
  return result;
}

/** Where the text after an overlong private key goes on: behind its END line, or at a character no key has. */
function keyEnd(text: string): number {
  const footer = /-----END [A-Z0-9 ]{0,64}-----/.exec(text);
  const foreign = text.search(/[^A-Za-z0-9+/=\s\\:,.|>#*"'()_-]/);
  if (footer !== null && (foreign < 0 || footer.index < foreign)) return footer.index + footer[0].length;
  return foreign;
}
