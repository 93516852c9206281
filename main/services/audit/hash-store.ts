import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { addLeaf, consistencyProof, frontierAt, rootOf, type Frontier } from './merkle.ts';

const HASH_BYTES = 32;

/** The hashes of all records that ever were, on the disk: proofs need a few of them, and pruning keeps them all. */
export interface HashStore {
  /** How many leaves it holds. */
  readonly size: number;
  readonly frontier: Frontier;
  append(leaves: readonly Uint8Array[]): void;
  leaf(index: number): Uint8Array;
  rootAt(size: number): Uint8Array;
  frontierAt(size: number): Frontier;
  consistency(first: number, second: number): Uint8Array[];
  /** Forgets every leaf from this one on. */
  truncate(size: number): void;
  sync(): void;
  close(): void;
}

/**
 * Each leaf stands in the file behind all that was full before it, followed by the subtrees that it makes full, so that
 * the file only ever grows at its end. A torn end is cut; whoever opens the store compares its root and fills it up.
 */
export function openHashStore(file: string): HashStore {
  const descriptor = openSync(file, 'a+', 0o600);
  // Appending ignores positions; the file is never written anywhere else.
  const stored = Math.floor(fstatSync(descriptor).size / HASH_BYTES);
  let size = leavesIn(stored);
  ftruncateSync(descriptor, positionOf(0, size) * HASH_BYTES);
  const nodeAt = (level: number, index: number): Uint8Array => {
    const hash = new Uint8Array(HASH_BYTES);
    const read = readSync(descriptor, hash, 0, HASH_BYTES, positionOf(level, index) * HASH_BYTES);
    if (read !== HASH_BYTES) throw new RangeError('the audit log has no such hash');
    return hash;
  };
  let frontier = frontierAt(size, nodeAt);

  return {
    get size() {
      return size;
    },
    get frontier() {
      return frontier;
    },
    append(leaves) {
      const hashes: Uint8Array[] = [];
      let next = frontier;
      for (const leaf of leaves) next = addLeaf(next, leaf, (hash) => hashes.push(hash));
      const bytes = Buffer.concat(hashes);
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
      frontier = next;
      size = next.size;
    },
    leaf: (index) => nodeAt(0, index),
    frontierAt: (at) => frontierAt(at, nodeAt),
    rootAt: (at) => rootOf(frontierAt(at, nodeAt)),
    consistency: (first, second) => consistencyProof(first, second, nodeAt),
    truncate(to) {
      ftruncateSync(descriptor, positionOf(0, to) * HASH_BYTES);
      size = to;
      frontier = frontierAt(to, nodeAt);
    },
    sync: () => fdatasyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

/** Where a hash stands: behind every leaf before its last one, and every subtree that those made full. */
function positionOf(level: number, index: number): number {
  // The last leaf below this node, after which it was written.
  const leaf = (index + 1) * 2 ** level - 1;
  let position = level;
  for (let width = leaf; width > 0; width = Math.floor(width / 2)) position += width;
  return position;
}

/** How many leaves a file of so many hashes holds whole. */
function leavesIn(stored: number): number {
  let [low, high] = [0, stored];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (positionOf(0, middle) <= stored) low = middle;
    else high = middle - 1;
  }
  return low;
}
