import { HostError } from '../../../contract/errors.ts';
import { showPath } from '../../guard/path-lexical.ts';

/** The text of a file, with its byte order mark if it has one. @throws HostError `invalid_input` for what is not text */
export function decodeText(bytes: Uint8Array, path: string): string {
  if (!bytes.includes(0)) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      // Not UTF-8: refused below.
    }
  }
  throw new HostError(
    'invalid_input',
    `${showPath(path)} is a binary file (${bytes.length} bytes); only UTF-8 text is read or written here`,
    {
      path,
      rule: 'binary',
    },
  );
}

/** Lines with their terminators, so that joining them gives the text back. A final newline starts no further line. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** How often `part` occurs, overlapping or not; counting stops at `most`. */
export function countOccurrences(text: string, part: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0 && count < most; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}
