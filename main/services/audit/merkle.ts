import { createHash } from 'node:crypto';

/** RFC 6962 section 2.1: leaf and node hashes are told apart by their first byte. */
export function leafHash(data: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(0)).update(data).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** The right edge of a growing tree: at most 64 hashes, enough to add leaves and to tell the root. */
export interface Frontier {
  readonly size: number;
  /** Roots of the full subtrees, widest first: one for each bit that is set in `size`. */
  readonly roots: readonly Uint8Array[];
}

export const emptyFrontier: Frontier = { size: 0, roots: [] };

export function addLeaf(frontier: Frontier, leaf: Uint8Array): Frontier {
  const roots = [...frontier.roots];
  let carried = leaf;
  for (let bit = frontier.size; (bit & 1) === 1; bit = Math.floor(bit / 2)) {
    const left = roots.pop();
    if (left === undefined) throw new Error('frontier does not fit its size');
    carried = nodeHash(left, carried);
  }
  return { size: frontier.size + 1, roots: [...roots, carried] };
}

/** Merkle tree hash of all leaves; of none, the hash of nothing. */
export function rootOf(frontier: Frontier): Uint8Array {
  const [last, ...wider] = [...frontier.roots].reverse();
  if (last === undefined) return createHash('sha256').digest();
  return wider.reduce((right, left) => nodeHash(left, right), last);
}
