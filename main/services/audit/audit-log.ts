import {
  closeSync,
  existsSync,
  fdatasync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  write,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditRecord } from '../../../contract/audit.ts';
import { HostError } from '../../../contract/errors.ts';
import { syncFolder, writeFileAtomic } from '../../kernel/atomic-file.ts';
import { decodeNext, encodeRecord, genesisHash, lineHash } from './chain.ts';
import { addLeaf, emptyFrontier, leafHash, type Frontier } from './merkle.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);

export type RecordBody = Omit<AuditRecord, 'v' | 'seq' | 'prev'>;

export interface AuditLog {
  readonly size: number;
  readonly frontier: Frontier;
  /** Why nothing can be written any more; null while all is well. */
  readonly damage: string | null;
  /** What recovery set aside at start: bytes of a torn last line. */
  readonly tornBytes: number;
  /** Resolves when the record is on the disk. Many at once share one fdatasync. */
  append(body: RecordBody): Promise<AuditRecord>;
  /** All lines, oldest first, one segment in memory at a time. */
  lines(): Generator<string>;
  close(): Promise<void>;
}

interface Waiting {
  readonly line: string;
  readonly record: AuditRecord;
  resolve(record: AuditRecord): void;
  reject(error: Error): void;
}

/**
 * Append-only, hash-chained segments `audit-<first seq>.jsonl`. A torn last line (the host was killed while it wrote)
 * is moved aside; damage anywhere else turns the log read-only: it is never cut to fit.
 */
export function openAuditLog(folder: string, logId: string): AuditLog {
  const recovered = recover(folder, logId);
  let { seq, prev, frontier } = recovered;
  let damage = recovered.damage;
  let current = recovered.segment;
  let descriptor =
    damage === null && current !== null ? openSync(join(folder, current.name), 'a', 0o600) : null;
  let queue: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  function segmentFor(firstSeq: number): number {
    if (descriptor !== null && current !== null && current.bytes < SEGMENT_BYTES) return descriptor;
    if (descriptor !== null) closeSync(descriptor);
    current = { name: `audit-${String(firstSeq).padStart(12, '0')}.jsonl`, bytes: 0 };
    descriptor = openSync(join(folder, current.name), 'ax', 0o600);
    syncFolder(folder);
    return descriptor;
  }

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        const target = segmentFor(batch[0]?.record.seq ?? seq);
        const bytes = Buffer.from(batch.map((entry) => `${entry.line}\n`).join(''));
        for (let done = 0; done < bytes.length;) {
          done += (await writeAsync(target, bytes, done, bytes.length - done, null)).bytesWritten;
        }
        await syncAsync(target);
        if (current) current.bytes += bytes.length;
        for (const entry of batch) {
          frontier = addLeaf(frontier, leafHash(entry.line));
          entry.resolve(entry.record);
        }
      } catch (error) {
        damage = `the audit log cannot be written: ${String((error as NodeJS.ErrnoException).code ?? error)}`;
        for (const entry of [...batch, ...queue]) entry.reject(readOnly(damage));
        queue = [];
      }
    }
    flushing = null;
  }

  return {
    get size() {
      return frontier.size;
    },
    get frontier() {
      return frontier;
    },
    get damage() {
      return damage;
    },
    tornBytes: recovered.tornBytes,
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
      for (const name of segmentNames(folder)) yield* splitLines(readFileSync(join(folder, name), 'utf8'));
    },
    async close() {
      await flushing;
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
      damage ??= 'the audit log is closed';
    },
  };
}

function readOnly(why: string): HostError {
  return new HostError('unavailable', `${why}; nothing that must be on record is done until it can be`);
}

function segmentNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^audit-\d{12}\.jsonl$/.test(name))
    .sort();
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  lines.pop();
  return lines;
}

interface Recovered {
  seq: number;
  prev: string;
  frontier: Frontier;
  segment: { name: string; bytes: number } | null;
  tornBytes: number;
  damage: string | null;
}

function recover(folder: string, logId: string): Recovered {
  const names = segmentNames(folder);
  const state: Recovered = {
    seq: 0,
    prev: genesisHash(logId),
    frontier: emptyFrontier,
    segment: null,
    tornBytes: 0,
    damage: null,
  };
  for (const name of names) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    const kept = readSegment(bytes, state);
    if (kept < bytes.length) {
      const rest = bytes.subarray(kept);
      const torn = name === names.at(-1) && rest.indexOf(0x0a) === -1;
      if (!torn) {
        state.damage = `record ${state.seq} in ${name} does not follow the one before it`;
        return state;
      }
      writeFileAtomic(join(folder, `torn-${state.seq}`), rest);
      truncate(file, kept);
      state.tornBytes = rest.length;
    }
    state.segment = { name, bytes: kept };
  }
  return state;
}

/** Reads whole lines that continue the chain; returns the offset of the first byte that does not. */
function readSegment(bytes: Buffer, state: Recovered): number {
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

function truncate(file: string, bytes: number): void {
  const descriptor = openSync(file, 'r+');
  try {
    ftruncateSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** The id of the log of a folder; made at first use. */
export function logIdOf(folder: string, make: () => string): string {
  const file = join(folder, 'log-id');
  if (existsSync(file) && statSync(file).size > 0) return readFileSync(file, 'utf8').trim();
  const id = make();
  writeFileAtomic(file, `${id}\n`);
  return id;
}
