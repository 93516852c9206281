import { createHash, timingSafeEqual } from 'node:crypto';

// Crockford's base 32: no I, L, O and U, so that nothing is misread on paper.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP = 4;
const BYTES = 32;

/** 32 bytes as thirteen groups of four characters. */
export function writeRecoveryCode(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const padded = bits.padEnd(Math.ceil(bits.length / 5) * 5, '0');
  const letters = (padded.match(/.{5}/g) ?? [])
    .map((five) => ALPHABET[Number.parseInt(five, 2)] ?? '')
    .join('');
  return (letters.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? []).join('-');
}

/** Reads a code as people type it: any case, any grouping, O for 0 and I or L for 1. Null: not a code. */
export function readRecoveryCode(typed: string): Uint8Array | null {
  const letters = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (letters.length !== Math.ceil((BYTES * 8) / 5)) return null;
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter));
  if (values.includes(-1)) return null;
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('');
  // The bits that fill the last letter are zero, so that a code is written in one way only.
  if (bits.slice(BYTES * 8).includes('1')) return null;
  return Uint8Array.from({ length: BYTES }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2));
}

/** How a code is kept: SHA-256, hex. 256 random bits need no slow hash. */
export function recoveryHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isRecoveryCode(typed: string, kept: string): boolean {
  const bytes = readRecoveryCode(typed);
  return bytes !== null && timingSafeEqual(Buffer.from(recoveryHash(bytes), 'hex'), Buffer.from(kept, 'hex'));
}
