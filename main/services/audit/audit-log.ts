import { closeSync, existsSync, fdatasync, openSync, readFileSync, statSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AuditRecord } from '../../../contract/audit.ts';
import { HostError } from '../../../contract/errors.ts';
import { syncFolder, writeFileAtomic } from '../../kernel/atomic-file.ts';
import { encodeRecord, lineHash } from './chain.ts';
import type { HashStore } from './hash-store.ts';
import { leafHash } from './merkle.ts';
import { recoverLog, type SignedSize } from './recover.ts';
import {
  firstLineOf,
  firstSeqOf,
  linesOf,
  removeBefore,
  segmentName,
  segmentNames,
  writeBase,
  type Base,
} from './segments.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);

export type RecordBody = Omit<AuditRecord, 'v' | 'seq' | 'prev'>;

export interface AuditLog {
  readonly size: number;
  readonly oldestSeq: number;
  /** Why nothing can be written any more; null while all is well. */
  readonly damage: string | null;
  /** The first record that cannot be believed; null while all can, and where no single one is to blame. */
  readonly firstBadSeq: number | null;
  /** What recovery set aside at start: bytes of a torn last line. */
  readonly tornBytes: number;
  /** Records whose hashes are here and that are not: the log was cut or put back. */
  readonly lost: number;
  /** Hashes of all records, of those too that were pruned. */
  readonly hashes: HashStore;
  /** Resolves when the record is on the disk. Many at once share one fdatasync. */
  append(body: RecordBody): Promise<AuditRecord>;
  /** The kept records, oldest first, one segment in memory at a time; those that are pruned meanwhile are missing. */
  lines(): Generator<KeptLine>;
  /** Those before a number, newest first. */
  linesBackward(beforeSeq: number): Generator<string>;
  /** The first record that stays when whole segments of records older than `before` go. */
  prunableTo(before: string): Base;
  prune(to: Base): void;
  close(): Promise<void>;
}

export interface KeptLine {
  readonly seq: number;
  readonly line: string;
}

interface Waiting {
  readonly line: string;
  readonly record: AuditRecord;
  resolve(record: AuditRecord): void;
  reject(error: Error): void;
}

/**
 * Append-only, hash-chained segments `audit-<first seq>.jsonl`, one or more a day. A torn last line (the host was killed
 * while it wrote) is moved aside; damage anywhere else turns the log read-only: it is never cut to fit.
 */
export function openAuditLog(folder: string, logId: string, signed: SignedSize | null): AuditLog {
  const recovered = recoverLog(folder, logId, signed);
  const { hashes, firstBadSeq } = recovered;
  let { seq, prev, base, damage, segment: current } = recovered;
  let descriptor =
    damage === null && current !== null ? openSync(join(folder, current.name), 'a', 0o600) : null;
  let queue: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  function segmentFor(first: AuditRecord): number {
    const day = first.at.slice(0, 10);
    const empty = current?.bytes === 0;
    const fits = empty || (current !== null && current.bytes < SEGMENT_BYTES && current.day === day);
    if (current !== null && empty) current.day = day;
    if (descriptor !== null && fits) return descriptor;
    if (descriptor !== null) closeSync(descriptor);
    current = { name: segmentName(first.seq), bytes: 0, day };
    descriptor = openSync(join(folder, current.name), 'ax', 0o600);
    syncFolder(folder);
    return descriptor;
  }

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        const [first] = batch;
        if (first) await writeBatch(segmentFor(first.record), batch);
      } catch (error) {
        damage = `the audit log cannot be written: ${String((error as NodeJS.ErrnoException).code ?? error)}`;
        for (const entry of [...batch, ...queue]) entry.reject(readOnly(damage));
        queue = [];
      }
    }
    flushing = null;
  }

  async function writeBatch(target: number, batch: readonly Waiting[]): Promise<void> {
    const bytes = Buffer.from(batch.map((entry) => `${entry.line}\n`).join(''));
    for (let done = 0; done < bytes.length;) {
      done += (await writeAsync(target, bytes, done, bytes.length - done, null)).bytesWritten;
    }
    await syncAsync(target);
    if (current) current.bytes += bytes.length;
    // What is lost of these in a crash is made again from the lines.
    hashes.append(batch.map((entry) => leafHash(entry.line)));
    for (const entry of batch) entry.resolve(entry.record);
  }

  return {
    get size() {
      return hashes.size;
    },
    get oldestSeq() {
      return base.seq;
    },
    get damage() {
      return damage;
    },
    firstBadSeq,
    tornBytes: recovered.tornBytes,
    lost: recovered.lost,
    hashes,
    append(body) {
      if (damage !== null) return Promise.reject(readOnly(damage));
      const record: AuditRecord = { v: 1, seq, prev, ...body };
      const line = encodeRecord(record);
      seq += 1;
      prev = lineHash(line);
      return new Promise((resolve, reject) => {
        queue.push({ line, record, resolve, reject });
        // One turn of the loop later, so that records of the same moment share a write.
        flushing ??= Promise.resolve().then(flush);
      });
    },
    *lines() {
      for (const name of segmentNames(folder)) {
        const first = firstSeqOf(name);
        for (const [index, line] of linesOf(folder, name).entries()) yield { seq: first + index, line };
      }
    },
    *linesBackward(beforeSeq) {
      for (const name of segmentNames(folder).reverse()) {
        const wanted = beforeSeq - firstSeqOf(name);
        if (wanted > 0) yield* linesOf(folder, name).slice(0, wanted).reverse();
      }
    },
    prunableTo(before) {
      let keepFrom = base;
      for (const name of segmentNames(folder).slice(1)) {
        const line = firstLineOf(folder, name);
        const first = line === null ? null : AuditRecord.parse(JSON.parse(line));
        // Segments are in the order of writing: where a clock was set back, the older part waits for the newer.
        if (first === null || first.at > before) break;
        keepFrom = { seq: first.seq, prev: first.prev };
      }
      return keepFrom;
    },
    prune(to) {
      hashes.sync();
      writeBase(folder, to);
      base = to;
      removeBefore(folder, to);
    },
    async close() {
      await flushing;
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
      if (damage === null) hashes.sync();
      hashes.close();
      damage ??= 'the audit log is closed';
    },
  };
}

function readOnly(why: string): HostError {
  return new HostError('unavailable', `${why}; nothing that must be on record is done until it can be`);
}

/** The id of the log of a folder; made at first use. */
export function logIdOf(folder: string, make: () => string): string {
  const file = join(folder, 'log-id');
  if (existsSync(file) && statSync(file).size > 0) return readFileSync(file, 'utf8').trim();
  const id = make();
  writeFileAtomic(file, `${id}\n`);
  return id;
}
