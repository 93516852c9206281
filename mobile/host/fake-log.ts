// For tests: an audit log with signed checkpoints and proofs, after the text of RFC 6962 and in Node's own crypto.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
export const leaf = (text: string): Buffer => sha(Uint8Array.of(0), Buffer.from(text));

/** RFC 6962 section 2.1, as it is written there. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1 && leaves[0]) return leaves[0];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha(Uint8Array.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** RFC 6962 section 2.1.2. */
function proofOf(size: number, leaves: readonly Buffer[], whole = true): Buffer[] {
  if (size === leaves.length) return whole ? [] : [rootOf(leaves)];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return size <= split
    ? [...proofOf(size, leaves.slice(0, split), whole), rootOf(leaves.slice(split))]
    : [...proofOf(size - split, leaves.slice(split), false), rootOf(leaves.slice(0, split))];
}

export function createLog(pair = generateKeyPairSync('ed25519'), origin = 'signalbox/test') {
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(12);
  const signNote = (text: string, key: KeyObject): string => {
    const id = sha(Buffer.from(origin), Uint8Array.of(0x0a, 0x01), raw).subarray(0, 4);
    const blob = Buffer.concat([id, sign(null, Buffer.from(text), key)]).toString('base64');
    return `${text}\n\u2014 ${origin} ${blob}\n`;
  };
  return {
    leaves: [] as Buffer[],
    answer(since: number | undefined) {
      const text = `${origin}\n${String(this.leaves.length)}\n${rootOf(this.leaves).toString('base64')}\n`;
      const proof = since === undefined || since > this.leaves.length ? [] : proofOf(since, this.leaves);
      return {
        note: signNote(text, pair.privateKey),
        publicKey: raw.toString('base64'),
        consistency: proof.map((hash) => hash.toString('base64')),
      };
    },
    grow(count: number, word = 'record') {
      for (let n = 0; n < count; n += 1) this.leaves.push(leaf(`${word} ${String(this.leaves.length)}`));
    },
  };
}
