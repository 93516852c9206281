/** A run of characters that decodes to text, and what it decodes to. */
export interface EncodedBlob {
  readonly start: number;
  readonly end: number;
  readonly decoded: string;
}

/** A secret of 16 characters is 22 in base64 and 32 in hex. */
const SHORTEST = 22;
const LOOK = 24;
const MAX_UNREADABLE = 3;

const isBlobCode = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-') {
  isBlobCode[character.charCodeAt(0)] = 1;
}

/** One level of base64, base64url and hex: the runs of a text that hold readable text. Linear. */
export function encodedBlobs(text: string): EncodedBlob[] {
  const blobs: EncodedBlob[] = [];
  let at = 0;
  while (at + SHORTEST <= text.length) {
    let probe = at + SHORTEST - 1;
    while (probe >= at && isBlobCode[text.charCodeAt(probe)] === 1) probe -= 1;
    if (probe >= at) {
      at = probe + 1;
      continue;
    }
    let end = at + SHORTEST;
    while (end < text.length && isBlobCode[text.charCodeAt(end)] === 1) end += 1;
    addRun(text, at, end, blobs);
    at = end + 1;
  }
  return blobs;
}

/** `/`, `-` and `_` may be part of the code or stand around it: without a readable whole the parts are tried. */
function addRun(text: string, start: number, end: number, blobs: EncodedBlob[]): void {
  const run = text.slice(start, end);
  const whole = decode(run);
  if (whole !== null) {
    let padded = end;
    while (padded < end + 2 && text[padded] === '=') padded += 1;
    blobs.push({ start, end: padded, decoded: whole });
    return;
  }
  for (const match of run.matchAll(/[A-Za-z0-9+]+/g)) {
    if (match[0].length < SHORTEST || match[0].length === run.length) continue;
    const decoded = decode(match[0]);
    const from = start + match.index;
    if (decoded !== null) blobs.push({ start: from, end: from + match[0].length, decoded });
  }
}

function decode(run: string): string | null {
  const isHex = /^(?:[0-9a-f]{2}){16}/i.test(run) && /^[0-9a-f]+$/i.test(run);
  const encoding = isHex ? 'hex' : 'base64';
  const even = isHex && run.length % 2 === 1 ? run.slice(0, -1) : run;
  const head = Buffer.from(even.slice(0, isHex ? LOOK * 2 : (LOOK * 4) / 3), encoding);
  let unreadable = 0;
  for (const byte of head)
    if (byte > 126 || (byte < 32 && byte !== 10 && byte !== 13 && byte !== 9)) unreadable += 1;
  // Short texts must be readable throughout, or else every long name in source would be looked into.
  if (unreadable > (run.length < 128 ? 0 : MAX_UNREADABLE)) return null;
  return Buffer.from(even, encoding).toString('latin1');
}
