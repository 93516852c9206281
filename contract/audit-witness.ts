import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, utf8 } from './channel/bytes.ts';

/** What a witness keeps of a log: enough to notice when it shrinks, changes or is another. Text, to be stored as it is. */
export interface KeptCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** base64 of the RFC 6962 root. */
  readonly root: string;
  /** base64 of the raw Ed25519 key that signed. */
  readonly publicKey: string;
}

/** An answer of `audit.checkpoint`. */
export interface CheckpointAnswer {
  readonly note: string;
  readonly publicKey: string;
  readonly consistency: readonly string[];
}

export type WitnessVerdict =
  | { readonly kind: 'accepted'; readonly kept: KeptCheckpoint }
  /** Signed by another key than before, or of another log. */
  | { readonly kind: 'other-log' }
  /** The log has fewer records than it had. */
  | { readonly kind: 'smaller'; readonly size: number }
  /** The log does not continue what it was: history was rewritten. */
  | { readonly kind: 'inconsistent' }
  /** No signed checkpoint at all. */
  | { readonly kind: 'bad-signature' };

const MAX_NOTE = 4096;
const MAX_PROOF = 128;
const HASH_LENGTH = 32;

/**
 * Judges the newest checkpoint of a host by the one that was kept before. The first one is taken as it is, like a key at
 * pairing; from then on the log may only grow.
 */
export function witness(previous: KeptCheckpoint | null, answer: CheckpointAnswer): WitnessVerdict {
  const next = readCheckpoint(answer);
  if (next === null) return { kind: 'bad-signature' };
  if (previous === null) return { kind: 'accepted', kept: next };
  if (previous.origin !== next.origin || previous.publicKey !== next.publicKey) return { kind: 'other-log' };
  if (next.size < previous.size) return { kind: 'smaller', size: next.size };
  const proof = answer.consistency.map(fromBase64);
  const [old, now] = [fromBase64(previous.root), fromBase64(next.root)];
  const whole = proof.length <= MAX_PROOF && proof.every((hash) => hash?.length === HASH_LENGTH);
  if (!whole || old === null || now === null) return { kind: 'inconsistent' };
  const continues = isConsistent(
    { size: previous.size, root: old },
    { size: next.size, root: now },
    proof as Uint8Array[],
  );
  return continues ? { kind: 'accepted', kept: next } : { kind: 'inconsistent' };
}

/**
 * A C2SP tlog-checkpoint in a C2SP signed note: origin, size and base64 root. Signed by its origin, with canonical
 * numbers and base64, and nothing more. Null when anything does not fit.
 */
export function readCheckpoint({
  note,
  publicKey,
}: Pick<CheckpointAnswer, 'note' | 'publicKey'>): KeptCheckpoint | null {
  const opened = openNote(note, publicKey);
  const match = /^(\S{1,256})\n(0|[1-9]\d{0,15})\n(\S+)\n$/.exec(opened?.text ?? '');
  const [, origin = '', size = '', root = ''] = match ?? [];
  if (match === null || opened?.signer !== origin) return null;
  if (fromBase64(root)?.length !== HASH_LENGTH || !Number.isSafeInteger(Number(size))) return null;
  return { origin, size: Number(size), root, publicKey };
}

/**
 * The text of a C2SP signed note, when this key signed it: the text, an empty line, then one signature line
 * "— name base64(key id ‖ Ed25519 signature)". Null when anything does not fit.
 * @param publicKey base64 of the raw Ed25519 key
 */
export function openNote(note: string, publicKey: string): { text: string; signer: string } | null {
  if (note.length > MAX_NOTE) return null;
  const match = /^((?:[^\n]*\n)+)\n\u2014 ([^\s+]+) (\S+)\n$/.exec(note);
  const [, text = '', signer = '', blob = ''] = match ?? [];
  const [key, signature] = [fromBase64(publicKey), fromBase64(blob)];
  if (match === null || key?.length !== 32 || signature?.length !== 68) return null;
  const keyId = sha256(concat(utf8(signer), Uint8Array.of(0x0a, 0x01), key)).subarray(0, 4);
  if (!equal(keyId, signature.subarray(0, 4))) return null;
  return isSigned(signature.subarray(4), text, key) ? { text, signer } : null;
}

function isSigned(signature: Uint8Array, text: string, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, utf8(text), key);
  } catch {
    return false;
  }
}

export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the proof shows that the larger tree begins with the smaller one: RFC 9162 section 2.1.4.2. */
export function isConsistent(first: TreeHead, second: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && equal(first.root, second.root);
  // Anything continues the empty log.
  if (first.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let [fn, sn] = [first.size - 1, second.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [fr, sr] = [start, start];
  for (const hash of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(hash, fr);
      sr = nodeHash(hash, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sr, hash);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(fr, first.root) && equal(sr, second.root);
}

/** RFC 6962 section 2.1: a node is told from a leaf by its first byte. */
function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

const half = (value: number): number => Math.floor(value / 2);

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Canonical padded base64 (RFC 4648 section 4): one spelling for each value, null for everything else. */
function fromBase64(text: string): Uint8Array | null {
  const match = /^((?:[A-Za-z0-9+/]{4})*)(?:([A-Za-z0-9+/]{2})==|([A-Za-z0-9+/]{3})=)?$/.exec(text);
  if (match === null) return null;
  const digits = `${match[1] ?? ''}${match[2] ?? match[3] ?? ''}`;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let [buffered, bits, length] = [0, 0, 0];
  for (const digit of digits) {
    buffered = ((buffered << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (buffered >> bits) & 255;
  }
  return (buffered & ((1 << bits) - 1)) === 0 ? bytes : null;
}
