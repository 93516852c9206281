import type { Action } from './action.ts';

/**
 * Text of agents, processes and clients is shown as it is, and what could make it look like something else is named:
 * control, bidirectional, zero-width, tag, private-use and lone-surrogate characters become ⟦U+XXXX⟧. Pure; the
 * dashboard, the phone and the command line all show text through here.
 */
export interface TextPart {
  readonly kind: 'plain' | 'named';
  readonly text: string;
}

// Cf holds the bidi and zero-width characters and the tags; U+115F, U+1160, U+3164 and U+FFA0 are letters that show
// nothing; U+2800 is a braille blank; the variation selectors and U+034F are marks that hide behind other letters.
// U+FE0F stays, because emoji need it and nothing is hidden by it.
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0\u2800]|\u034F|\u17B4|\u17B5|[\u180B-\u180F]|[\uFE00-\uFE0E]|[\u{E0100}-\u{E01EF}]/u;

const CUT = '…';

function nameOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `⟦U+${point.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/** @param keep characters to leave alone, such as the line feeds of a text of several lines */
export function visibleParts(text: string, keep = ''): TextPart[] {
  const parts: TextPart[] = [];
  let plain = '';
  for (const character of text) {
    if (keep.includes(character) || !HIDDEN.test(character)) {
      plain += character;
      continue;
    }
    if (plain !== '') parts.push({ kind: 'plain', text: plain });
    plain = '';
    parts.push({ kind: 'named', text: nameOf(character) });
  }
  if (plain !== '') parts.push({ kind: 'plain', text: plain });
  return parts;
}

/**
 * The same as one string. No more than `max` characters (UTF-16 units) of it, the last one then a horizontal ellipsis;
 * a character and a name are never cut apart.
 */
export function visibleText(text: string, keep = '', max = Infinity): string {
  // A name is never shorter than its character, so what is beyond the cap need not be looked at.
  const looked = text.length > max ? text.slice(0, max) : text;
  const shown = HIDDEN.test(looked)
    ? visibleParts(looked, keep)
        .map((part) => part.text)
        .join('')
    : looked;
  if (text.length <= max && shown.length <= max) return shown;
  return max <= 0 ? '' : `${cutAt(shown, max - CUT.length)}${CUT}`;
}

function cutAt(shown: string, length: number): string {
  const cut = shown.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
  return cut.replace(/\u27e6(?:U(?:\+[0-9A-F]*)?)?$/, '');
}

/** Whether a text holds a character that would be shown by its name. */
export function hasHidden(text: string, keep = ''): boolean {
  if (!HIDDEN.test(text)) return false;
  return visibleParts(text, keep).some((part) => part.kind === 'named');
}

/**
 * Letters that most typefaces draw like a Latin letter: of Cyrillic, Greek, Armenian, Cherokee and Latin beyond ASCII.
 * Own and short, after the principle of Unicode UTS 39, section 4: two strings are confusable when their skeletons
 * (each letter replaced by the one it looks like) are the same.
 */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [
    // Cyrillic
    'аa еe оo рp сc уy хx ѕs іi јj ҽe һh ԁd ԛq ԝw ӏl гr пn кk вB ьb',
    'АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ҮY ԜW ӀI ԌG З3',
    // Greek
    'αa γy ιi κk νv οo ρp τt υu χx ϲc',
    'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC',
    // Armenian, Cherokee, and Latin letters that are not ASCII
    'օo սu հh ոn ցg զq',
    'ᎪA ᏴB ᏟC ᎬE ᏀG ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ',
    'ɑa ɡg ıi ɩi ǀl',
    // Punctuation that is drawn like what parts a path, a host or a flag
    '∕/ ⁄/ ⧸/ ∖\\ ⧵\\ ։: ꞉: ‐- ‑- ‒- –- −-',
  ]
    .join(' ')
    .split(' ')
    .map((pair) => [...pair])
    .map(([letter = '', like = '']) => [letter, like]),
);

/** What a text looks like in ASCII: full-width and other compatibility forms unfolded, look-alikes replaced. */
export function skeletonOf(text: string): string {
  return [...text.normalize('NFKC')].map((letter) => LOOKALIKES.get(letter) ?? letter).join('');
}

/**
 * Whether a word can be taken for another one: some of its characters only look like ASCII, while it either has ASCII
 * letters as well (two scripts in one word) or reads as plain ASCII altogether. A word wholly in another script, such
 * as a file name in Greek, is not suspicious for that alone.
 * @returns the ASCII text it looks like, or null
 */
export function looksLike(word: string): string | null {
  if (/^[\x20-\x7e]*$/.test(word)) return null;
  const skeleton = skeletonOf(word);
  if (skeleton === word) return null;
  if (/^[\x20-\x7e]*$/.test(skeleton)) return skeleton;
  const mixed = /[A-Za-z]/.test(word) && [...word].some((letter) => isDisguised(letter));
  return mixed ? skeleton : null;
}

function isDisguised(letter: string): boolean {
  if (letter.charCodeAt(0) < 0x80) return false;
  const plain = LOOKALIKES.get(letter.normalize('NFKC')) ?? letter.normalize('NFKC');
  return /^[\x21-\x7e]$/.test(plain);
}

export type TextWarning =
  /** Characters that cannot be seen, or that turn text around, are in it. */
  | { readonly kind: 'hidden'; readonly where: Where; readonly text: string }
  /** Letters that look like others. `like` is what it can be taken for, `letters` names them, as in `U+0430`. */
  | {
      readonly kind: 'lookalike';
      readonly where: Where;
      readonly text: string;
      readonly like: string;
      readonly letters: string;
    }
  /** A host name in its encoded form, which is not the name that a person reads. */
  | { readonly kind: 'encoded-host'; readonly where: Where; readonly text: string };

export type Where = 'command' | 'folder' | 'path' | 'host' | 'tool' | 'environment';

const MAX_WARNINGS = 32;
const MAX_SHOWN = 200;

/** What a person must know before they trust their eyes with an action: one warning for each text that deceives. */
export function warningsOf(
  action: Pick<Action, 'exec' | 'paths' | 'writes' | 'net' | 'tool'>,
): readonly TextWarning[] {
  const texts: [Where, string][] = [
    ...(action.exec?.argv ?? []).map((token): [Where, string] => ['command', token]),
    ...(action.exec ? [['folder', action.exec.cwd] as [Where, string]] : []),
    ...(action.exec?.envNames ?? []).map((name): [Where, string] => ['environment', name]),
    ...[...new Set([...action.paths, ...action.writes.map((write) => write.path)])].map(
      (path): [Where, string] => ['path', path],
    ),
    ...action.net.map((host): [Where, string] => ['host', host]),
    ...(action.tool ? [['tool', action.tool.name] as [Where, string]] : []),
  ];
  return texts.flatMap(([where, text]) => warningsIn(where, text)).slice(0, MAX_WARNINGS);
}

function warningsIn(where: Where, text: string): TextWarning[] {
  const shown = visibleText(text, '', MAX_SHOWN);
  const like = text
    .split(/[\s/\\:@.=,]+/u)
    .map((word) => looksLike(word))
    .find((found) => found !== null);
  const whole = like === undefined ? looksLike(text) : like;
  return [
    ...(hasHidden(text, where === 'command' ? '\n\t' : '')
      ? [{ kind: 'hidden', where, text: shown } as const]
      : []),
    ...(whole === null
      ? []
      : [{ kind: 'lookalike', where, text: shown, ...lookalike(text, whole) } as const]),
    ...(where === 'host' && /(?:^|\.)xn--/i.test(text)
      ? [{ kind: 'encoded-host', where, text: shown } as const]
      : []),
  ];
}

function lookalike(text: string, like: string): { like: string; letters: string } {
  const letters = [...new Set(text)]
    .filter(isDisguised)
    .slice(0, 8)
    .map((letter) => nameOf(letter).slice(1, -1));
  return { like: visibleText(like, '', MAX_SHOWN), letters: letters.join(' ') };
}
