import { createHash } from 'node:crypto';

/** RFC 6962 section 2.1: leaf and node hashes are told apart by their first byte. */
export function leafHash(data: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(0)).update(data).digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** The right edge of a growing tree: at most 64 hashes, enough to add leaves and to tell the root. */
export interface Frontier {
  readonly size: number;
  /** Roots of the full subtrees, widest first: one for each bit that is set in `size`. */
  readonly roots: readonly Uint8Array[];
}

export const emptyFrontier: Frontier = { size: 0, roots: [] };

/**
 * Adds one leaf.
 * @param completed is told every subtree that becomes full with it, the leaf first, each one twice as wide
 */
export function addLeaf(
  frontier: Frontier,
  leaf: Uint8Array,
  completed: (hash: Uint8Array) => void = () => {},
): Frontier {
  const roots = [...frontier.roots];
  let carried = leaf;
  completed(carried);
  for (let left = frontier.size; left % 2 === 1; left = Math.floor(left / 2)) {
    const sibling = roots.pop();
    if (sibling === undefined) throw new Error('frontier does not fit its size');
    carried = nodeHash(sibling, carried);
    completed(carried);
  }
  return { size: frontier.size + 1, roots: [...roots, carried] };
}

/** Merkle tree hash of all leaves; of none, the hash of nothing. */
export function rootOf(frontier: Frontier): Uint8Array {
  const [last, ...wider] = [...frontier.roots].reverse();
  if (last === undefined) return createHash('sha256').digest();
  return wider.reduce((right, left) => nodeHash(left, right), last);
}

/** Hash of the full subtree of `2^level` leaves whose first leaf is `index * 2^level`. */
export type NodeAt = (level: number, index: number) => Uint8Array;

/** The frontier of the first `size` leaves. */
export function frontierAt(size: number, nodeAt: NodeAt): Frontier {
  const roots: Uint8Array[] = [];
  let start = 0;
  for (let level = Math.floor(Math.log2(Math.max(1, size))); level >= 0; level -= 1) {
    const width = 2 ** level;
    if (size - start < width) continue;
    roots.push(nodeAt(level, start / width));
    start += width;
  }
  return { size, roots };
}

/** The proof that the first `second` leaves begin with the first `first` ones: PROOF of RFC 9162 section 2.1.4.1. */
export function consistencyProof(first: number, second: number, nodeAt: NodeAt): Uint8Array[] {
  if (first <= 0 || first > second) return [];
  return subproof(first, 0, second, true, nodeAt);
}

/** SUBPROOF over the leaves from `start` to `end`; `whole` says that the verifier knows this subtree already. */
function subproof(size: number, start: number, end: number, whole: boolean, nodeAt: NodeAt): Uint8Array[] {
  if (size === end - start) return whole ? [] : [rangeHash(start, end, nodeAt)];
  const width = splitOf(end - start);
  return size <= width
    ? [...subproof(size, start, start + width, whole, nodeAt), rangeHash(start + width, end, nodeAt)]
    : [...subproof(size - width, start + width, end, false, nodeAt), rangeHash(start, start + width, nodeAt)];
}

function rangeHash(start: number, end: number, nodeAt: NodeAt): Uint8Array {
  const level = Math.log2(end - start);
  if (Number.isInteger(level)) return nodeAt(level, start / (end - start));
  const middle = start + splitOf(end - start);
  return nodeHash(rangeHash(start, middle, nodeAt), rangeHash(middle, end, nodeAt));
}

/** The largest power of two that is smaller than `count`. */
function splitOf(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}
