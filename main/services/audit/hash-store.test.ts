import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isConsistent } from '../../../contract/audit-witness.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { openHashStore } from './hash-store.ts';
import {
  addLeaf,
  consistencyProof,
  emptyFrontier,
  leafHash,
  nodeHash,
  rootOf,
  type NodeAt,
} from './merkle.ts';

const leaves = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => leafHash(`leaf ${i}`));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** MTH of RFC 9162 section 2.1.1, word for word. */
function treeHash(of: readonly Uint8Array[]): Uint8Array {
  if (of.length <= 1) return of[0] ?? rootOf(emptyFrontier);
  let middle = 1;
  while (middle * 2 < of.length) middle *= 2;
  return nodeHash(treeHash(of.slice(0, middle)), treeHash(of.slice(middle)));
}

test('the roots of every size are those of the definition, also after a reopening', () => {
  const file = join(temporaryFolder(), 'hashes');
  const all = leaves(130);
  const first = openHashStore(file);
  first.append(all.slice(0, 71));
  first.append(all.slice(71));
  first.close();
  const store = openHashStore(file);
  expect(store.size).toBe(130);
  for (let size = 0; size <= 130; size += 1) {
    expect(hex(store.rootAt(size))).toBe(hex(treeHash(all.slice(0, size))));
    if (size < 130) expect(hex(store.leaf(size))).toBe(hex(all[size] ?? new Uint8Array()));
  }
  store.close();
});

test('a torn end is cut to whole leaves, wherever it was torn', () => {
  const all = leaves(20);
  fc.assert(
    fc.property(fc.nat({ max: 32 * 38 }), (cut) => {
      const file = join(temporaryFolder(), 'hashes');
      const whole = openHashStore(file);
      whole.append(all);
      whole.close();
      truncateSync(file, Math.min(cut, statSync(file).size));
      const store = openHashStore(file);
      expect(store.size).toBeLessThanOrEqual(20);
      expect(hex(store.rootAt(store.size))).toBe(hex(treeHash(all.slice(0, store.size))));
      store.append(all.slice(store.size));
      expect(hex(store.rootAt(20))).toBe(hex(treeHash(all)));
      store.close();
    }),
    { numRuns: 100 },
  );
});

test('a proof shows that a log continues what it was, and no proof shows it of another', () => {
  const file = join(temporaryFolder(), 'hashes');
  const store = openHashStore(file);
  store.append(leaves(100));
  let proven = 0;
  let refused = 0;
  for (let first = 0; first <= 100; first += 1) {
    for (let second = first; second <= 100; second += 3) {
      const heads = [
        { size: first, root: store.rootAt(first) },
        { size: second, root: store.rootAt(second) },
      ] as const;
      const proof = store.consistency(first, second);
      expect(isConsistent(heads[0], heads[1], proof)).toBe(true);
      proven += 1;
      if (first === 0 || first === second) continue;
      const other = { ...heads[0], root: leafHash('another history') };
      const changed = proof.map((hash, at) => (at === 0 ? leafHash('changed') : hash));
      expect(isConsistent(other, heads[1], proof)).toBe(false);
      expect(isConsistent(heads[0], other, proof)).toBe(false);
      expect(isConsistent(heads[0], heads[1], changed)).toBe(false);
      expect(isConsistent(heads[0], heads[1], proof.slice(1))).toBe(false);
      expect(isConsistent(heads[0], heads[1], [...proof, leafHash('more')])).toBe(false);
      refused += 5;
    }
  }
  process.stdout.write(
    `consistency proofs: ${proven} of ${proven} accepted, ${refused} of ${refused} altered ones refused\n`,
  );
  store.close();
});

test('the published proofs of RFC 6962 and Certificate Transparency come out', () => {
  // The eight leaves of the reference tests, and their consistency proofs.
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const nodes = new Map<string, Uint8Array>();
  let frontier = emptyFrontier;
  inputs.forEach((input, index) => {
    let level = 0;
    frontier = addLeaf(frontier, leafHash(Buffer.from(input, 'hex')), (hash) => {
      nodes.set(`${level} ${Math.floor(index / 2 ** level)}`, hash);
      level += 1;
    });
  });
  const nodeAt: NodeAt = (level, index) => nodes.get(`${level} ${index}`) ?? new Uint8Array();
  const proof = (first: number, second: number) => consistencyProof(first, second, nodeAt).map(hex);
  expect(proof(1, 1)).toEqual([]);
  expect(proof(1, 8)).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ]);
  expect(proof(6, 8)).toEqual([
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ]);
  expect(proof(2, 5)).toEqual([
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ]);
});
