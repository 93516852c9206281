import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../kernel/atomic-file.ts';
import { decodeNext, lineHash } from './chain.ts';
import { openHashStore, type HashStore } from './hash-store.ts';
import { addLeaf, leafHash, rootOf, type Frontier } from './merkle.ts';
import {
  firstLineOf,
  firstSeqOf,
  linesOf,
  readBase,
  removeBefore,
  segmentName,
  segmentNames,
  type Base,
} from './segments.ts';

/** What the newest checkpoint of this folder says: its size and base64 root. */
export interface SignedSize {
  readonly size: number;
  readonly root: string;
}

interface Chain {
  seq: number;
  prev: string;
  frontier: Frontier;
}

/** What a folder holds, made ready to be continued; `damage` says why it must not be. */
export interface Recovered extends Chain {
  base: Base;
  hashes: HashStore;
  segment: { name: string; bytes: number; day: string } | null;
  tornBytes: number;
  lost: number;
  damage: string | null;
  firstBadSeq: number | null;
}

/** Reads a log as a crash, or somebody, left it. Only a torn last line is moved aside; nothing else is ever cut to fit. */
export function recoverLog(folder: string, logId: string, signed: SignedSize | null): Recovered {
  const hashes = openHashStore(join(folder, 'hashes'));
  const base = readBase(folder, logId);
  const state: Recovered = {
    ...(base ?? { seq: 0, prev: '' }),
    base: base ?? { seq: 0, prev: '' },
    hashes,
    frontier: hashes.frontier,
    segment: null,
    tornBytes: 0,
    lost: 0,
    damage: base === null ? 'audit/base.json, which says where the kept records begin, cannot be read' : null,
    firstBadSeq: null,
  };
  if (base === null) return state;
  const misfit = whyNotFrom(folder, base, hashes);
  if (misfit !== null) return { ...state, damage: misfit };
  removeBefore(folder, base);
  state.frontier = hashes.frontierAt(base.seq);
  if (!readSegments(folder, state)) return state;
  state.lost = Math.max(0, hashes.size - state.seq);
  fillUp(folder, state);
  // What the log signed itself: another hand may have changed records, their chain and their hashes alike.
  if (signed !== null && signed.size <= state.seq && rootAt(hashes, signed.size) !== signed.root)
    state.damage = `the first ${signed.size} records are not those of the last checkpoint`;
  return state;
}

/** A base that does not fit what is there must not remove anything: the file may be damaged. */
function whyNotFrom(folder: string, base: Base, hashes: HashStore): string | null {
  if (base.seq === 0) return null;
  if (hashes.size < base.seq)
    return `the hashes of the pruned records end at ${hashes.size}, not at ${base.seq}`;
  const name = segmentName(base.seq);
  const line = segmentNames(folder).includes(name) ? firstLineOf(folder, name) : null;
  return line !== null && decodeNext(line, base) !== null
    ? null
    : `the kept records should begin with ${base.seq}, and no file does`;
}

const rootAt = (hashes: HashStore, size: number): string =>
  Buffer.from(hashes.rootAt(size)).toString('base64');

/** False when damage was met; then `state` says what and where. */
function readSegments(folder: string, state: Recovered): boolean {
  const names = segmentNames(folder);
  for (const name of names) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    const misplaced = firstSeqOf(name) !== state.seq && bytes.length > 0;
    const kept = misplaced ? 0 : readSegment(bytes, state);
    if (kept < bytes.length) {
      const rest = bytes.subarray(kept);
      const torn = !misplaced && name === names.at(-1) && rest.indexOf(0x0a) === -1;
      if (!torn) {
        state.firstBadSeq = state.seq;
        state.damage = `record ${state.seq} in ${name} does not follow the one before it`;
        return false;
      }
      writeFileAtomic(join(folder, `torn-${state.seq}`), rest);
      truncate(file, kept);
      state.tornBytes = rest.length;
    }
    const day = kept === 0 ? '' : (firstLineOf(folder, name)?.match(/"at":"(.{10})/)?.[1] ?? '');
    state.segment = { name, bytes: kept, day };
  }
  return true;
}

/** Reads whole lines that continue the chain; returns the offset of the first byte that does not. */
function readSegment(bytes: Buffer, state: Chain): number {
  let offset = 0;
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, offset)) {
    const line = bytes.toString('utf8', offset, end);
    if (decodeNext(line, state) === null) break;
    state.seq += 1;
    state.prev = lineHash(line);
    state.frontier = addLeaf(state.frontier, leafHash(line));
    offset = end + 1;
  }
  return offset;
}

/** Hashes follow the lines: what a crash kept from being stored, or what is not of these lines, is made anew. */
function fillUp(folder: string, { base, hashes, seq, frontier }: Recovered): void {
  const same = hashes.size >= seq && Buffer.compare(hashes.rootAt(seq), rootOf(frontier)) === 0;
  if (same) {
    if (hashes.size > seq) hashes.truncate(seq);
    return;
  }
  hashes.truncate(base.seq);
  for (const name of segmentNames(folder)) hashes.append(linesOf(folder, name).map(leafHash));
}

function truncate(file: string, bytes: number): void {
  const descriptor = openSync(file, 'r+');
  try {
    ftruncateSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}
