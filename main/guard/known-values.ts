import type { Found } from './secret-finding.ts';
import { createTextFinder } from './text-finder.ts';

export interface KnownValues {
  /** Makes a value known in all the forms in which it is written down. A text below 6 characters is ignored; false when nothing is new. */
  add(value: string | Uint8Array, origin: 'own' | 'known'): boolean;
  find(text: string): Found[];
  /** Where a value with whitespace in it begins that is still open at `cut`; else `cut`. */
  openAt(text: string, cut: number): number;
  /** Whether the end of a text, three characters of it or more, is how a value begins. */
  isBegun(text: string): boolean;
}

const SHORTEST = 6;
const LONG = 16;
/** Below this the binary forms would be found in ordinary text. */
const SHORTEST_BYTES = 12;
const TAIL = 8;
/** So much of a value says nothing of it yet. */
const HEAD = 3;

interface Form {
  readonly value: string;
  readonly origin: 'own' | 'known';
}

/** Values that must not leave, whatever they look like. Ten thousand of them cost no more time than one. */
export function createKnownValues(): KnownValues {
  const groups = [
    {
      finder: createTextFinder(SHORTEST),
      forms: [] as { text: string; of: Form }[],
      from: SHORTEST,
      to: LONG,
    },
    { finder: createTextFinder(LONG), forms: [] as { text: string; of: Form }[], from: LONG, to: Infinity },
  ];
  const openings = new Map<string, string[]>();
  const heads = new Map<string, string[]>();
  const added = new Set<string>();

  function addForm(text: string, of: Form): void {
    const group = groups.find(({ from, to }) => text.length >= from && text.length < to);
    if (!group) return;
    const id = group.finder.add(text);
    const before = group.forms[id];
    // What was handed to us as a secret and is the host's own is the host's own.
    if (!before || of.origin === 'own') group.forms[id] = { text, of };
    if (before) return;
    addOpenings(text);
    const head = text.slice(0, HEAD);
    const same = heads.get(head);
    if (same) same.push(text);
    else heads.set(head, [text]);
  }
  function addOpenings(text: string): void {
    for (const match of text.matchAll(/\s/g)) {
      const opening = text.slice(0, match.index + 1);
      const tail = opening.slice(-TAIL);
      const same = openings.get(tail) ?? [];
      if (!same.includes(opening)) openings.set(tail, [...same, opening]);
    }
  }

  return {
    add(value, origin) {
      if (typeof value === 'string' && value.length < SHORTEST) return false;
      if (typeof value !== 'string' && value.length < SHORTEST_BYTES) return false;
      const bytes = Buffer.from(value);
      // Makers say it again at every use: the forms are worked out once.
      const mark = `${origin} ${typeof value} ${bytes.toString('base64')}`;
      if (added.has(mark)) return false;
      added.add(mark);
      const of = { value: typeof value === 'string' ? value : bytes.toString('base64url'), origin };
      const forms = typeof value === 'string' ? formsOfText(value, bytes) : formsOfBytes(bytes);
      for (const form of forms) if (form.length >= SHORTEST) addForm(form, of);
      return true;
    },
    find(text) {
      const found: Found[] = [];
      for (const { finder, forms } of groups) {
        finder.each(text, (id, at) => {
          const form = forms[id];
          if (!form) return;
          const { value, origin } = form.of;
          const kind = KIND[origin];
          found.push({ kind, origin, start: at, end: at + form.text.length, value });
        });
      }
      return found;
    },
    openAt(text, cut) {
      let longest = 0;
      for (let length = 1; length <= Math.min(TAIL, cut); length += 1) {
        for (const opening of openings.get(text.slice(cut - length, cut)) ?? []) {
          const begin = cut - opening.length;
          if (opening.length > longest && begin >= 0 && text.startsWith(opening, begin))
            longest = opening.length;
        }
      }
      return cut - longest;
    },
    isBegun(text) {
      for (let at = 0; at + HEAD <= text.length; at += 1) {
        const same = heads.get(text.slice(at, at + HEAD));
        if (same?.some((form) => form.startsWith(text.slice(at)))) return true;
      }
      return false;
    },
  };
}

const KIND: Record<'own' | 'known', string> = { own: 'host-secret', known: 'known-secret' };

function formsOfText(value: string, bytes: Buffer): string[] {
  return [
    value,
    encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd')),
    JSON.stringify(value).slice(1, -1),
    ...base64Forms(bytes),
    ...(bytes.length >= SHORTEST_BYTES ? hexForms(bytes) : []),
  ];
}

/** A key in memory: as text encodings write it, and as a careless `log(bytes)` does. */
function formsOfBytes(bytes: Buffer): string[] {
  const text = bytes.toString('utf8');
  const printable = /^[\x20-\x7e]+$/.test(text) ? formsOfText(text, bytes) : [];
  const numbers = [...bytes];
  return [
    ...printable,
    ...base64Forms(bytes),
    ...hexForms(bytes),
    bytes.toString('hex').replace(/..(?!$)/g, '$& '),
    bytes.toString('hex').replace(/..(?!$)/g, '$&:'),
    numbers.join(','),
    numbers.join(', '),
    numbers.map((byte, index) => `"${index}":${byte}`).join(','),
  ];
}

const hexForms = (bytes: Buffer): string[] => [bytes.toString('hex'), bytes.toString('hex').toUpperCase()];

/** Also as a part of something longer that was encoded as a whole: then it may begin at any of three places. */
function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64').replace(/=+$/, '');
  if (bytes.length < SHORTEST_BYTES) return [whole, bytes.toString('base64url')];
  const parts = [0, 1, 2].map((lead) => {
    const text = Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64');
    return text.slice(lead === 0 ? 0 : lead + 1).replace(/=+$/, '');
  });
  // The last character of a part also holds bits of what follows.
  const inner = parts.map((part, lead) => ((lead + bytes.length) % 3 === 0 ? part : part.slice(0, -1)));
  const all = [whole, ...inner];
  return [...all, ...all.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}
