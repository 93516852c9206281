import { closeSync, openSync, readFileSync, readSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Sha256Hex } from '../../../contract/ids.ts';
import { syncFolder, writeFileAtomic } from '../../kernel/atomic-file.ts';
import { genesisHash } from './chain.ts';

const Base = z.strictObject({ seq: z.int().nonnegative(), prev: Sha256Hex });

/** Where the kept records begin: of everything before it only the hashes remain. */
export type Base = z.infer<typeof Base>;

const BASE_FILE = 'base.json';
const HEAD_BYTES = 16_384 + 1;

export const segmentName = (firstSeq: number): string => `audit-${String(firstSeq).padStart(12, '0')}.jsonl`;

export function firstSeqOf(name: string): number {
  return Number(name.slice('audit-'.length, -'.jsonl'.length));
}

/** All segments of a folder, oldest first. */
export function segmentNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^audit-\d{12}\.jsonl$/.test(name))
    .sort();
}

/** Null when the file is there and cannot be read: pruned records must never look like lost ones. */
export function readBase(folder: string, logId: string): Base | null {
  try {
    return Base.parse(JSON.parse(readFileSync(join(folder, BASE_FILE), 'utf8')));
  } catch (error) {
    return isMissing(error) ? { seq: 0, prev: genesisHash(logId) } : null;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** From here on the segments before `base` may go: first it is on the disk, then they are removed. */
export function writeBase(folder: string, base: Base): void {
  writeFileAtomic(join(folder, BASE_FILE), `${JSON.stringify(base)}\n`);
}

/** Removes the segments that begin before the base: they were pruned, or a crash kept them from being so. */
export function removeBefore(folder: string, base: Base): void {
  const old = segmentNames(folder).filter((name) => firstSeqOf(name) < base.seq);
  for (const name of old) unlinkSync(join(folder, name));
  if (old.length > 0) syncFolder(folder);
}

/** The first line of a segment, without reading the rest; null for one that holds none. */
export function firstLineOf(folder: string, name: string): string | null {
  const descriptor = openSync(join(folder, name), 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const text = head.toString('utf8', 0, readSync(descriptor, head, 0, head.length, 0));
    const end = text.indexOf('\n');
    return end === -1 ? null : text.slice(0, end);
  } finally {
    closeSync(descriptor);
  }
}

/** The whole lines of one segment, in order; none of one that was pruned meanwhile. */
export function linesOf(folder: string, name: string): string[] {
  try {
    return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
