import type { KnownValues } from './known-values.ts';
import { masked, openEscape } from './plain-view.ts';
import { openContext } from './secret-patterns.ts';

const LOOKED_AT = 400;
const LONGEST_RUN = 32;
/** One word of prose, one name of a program, or a small number. Tokens mix cases and digits long before they are whole. */
const RUN = /^(?:\p{Lu}?[\p{Ll}\p{M}]+(?:\p{Lu}\p{Ll}+)*|\p{Lu}{1,12}|\d{1,4})$/u;
/** What holds the parts of a token, an address or an assignment together. */
const JOINTS = /:\/\/|[\p{L}\p{N}][-_=@+%\\~]/u;
/** A password may stand here. */
const LOGIN = /:\/\/[^\s/]*:[^\s/]*$/;
/** So little of a token says nothing of it. */
const SHORT_RUN = 4;
const NUMBER = /^(?:\d{1,10}|\d{1,6}\p{Ll}{1,2})$/u;
const BETWEEN = /[^\p{L}\p{M}\p{N}]+/u;
/** In scripts that are written without blanks a sentence would be one word. Only a known secret has such letters. */
const LAST_WORD = /[^\s\p{Lo}]*$/u;

/**
 * Whether a text that may go on can be shown to its end: its last word is plain, is not the beginning of a known value,
 * and no value is expected after it. Whoever shows it judges what follows together with it, so that of a secret that
 * begins like a word no more than that is seen.
 * @param patient the text has not grown for a while: what looks like code or an address is taken as well, what looks
 * like a token is not
 */
export function isSettled(
  text: string,
  known: Pick<KnownValues, 'openAt' | 'isBegun'>,
  patient = false,
): boolean {
  if (openEscape(text) < text.length) return false;
  const end = text.slice(-LOOKED_AT);
  const word = LAST_WORD.exec(masked(end))?.[0] ?? '';
  if (word.length === end.length && end.length < text.length) return false;
  if (patient ? LOGIN.test(word) : JOINTS.test(word)) return false;
  const runs = word.split(BETWEEN).filter((run) => run !== '');
  if (!runs.every((run) => isPlain(run) || (patient && (run.length <= SHORT_RUN || NUMBER.test(run)))))
    return false;
  return !openContext.test(end) && known.openAt(text, text.length) === text.length && !known.isBegun(end);
}

const isPlain = (run: string): boolean => run.length <= LONGEST_RUN && RUN.test(run);
