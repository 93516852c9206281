/**
 * Text of agents, processes and clients is shown as it is, and what could make it look like something else is named:
 * control, bidirectional, zero-width, tag, private-use and lone-surrogate characters become ⟦U+XXXX⟧.
 */
export interface TextPart {
  readonly kind: 'plain' | 'named';
  readonly text: string;
}

// Cf holds the bidi and zero-width characters and the tags; U+115F, U+1160, U+3164 and U+FFA0 are letters that show
// nothing; U+2800 is a braille blank; the variation selectors and U+034F are marks that hide behind other letters.
const DECEPTIVE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0\u2800]|\u034F|\u17B4|\u17B5|[\u180B-\u180F]|[\uFE00-\uFE0E]|[\u{E0100}-\u{E01EF}]/u;

function nameOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `⟦U+${point.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/** @param keep characters to leave alone, such as the line feeds of a text of several lines */
export function visibleParts(text: string, keep = ''): TextPart[] {
  const parts: TextPart[] = [];
  let plain = '';
  for (const character of text) {
    if (keep.includes(character) || !DECEPTIVE.test(character)) {
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

export function visibleText(text: string, keep = ''): string {
  if (!DECEPTIVE.test(text)) return text;
  return visibleParts(text, keep)
    .map((part) => part.text)
    .join('');
}
