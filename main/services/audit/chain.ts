import { createHash } from 'node:crypto';
import { AuditRecord } from '../../../contract/audit.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';

export const MAX_LINE_BYTES = 16_384;

/** The `prev` of the first record: names the log, so that two logs can never be spliced. */
export function genesisHash(logId: string): string {
  return createHash('sha256').update(`signalbox/audit/v1\n${logId}`).digest('hex');
}

/** Hash of one line as it stands on the disk, without its newline. */
export function lineHash(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

/** One record as its line: canonical JSON, so that the same record always has the same bytes. */
export function encodeRecord(record: AuditRecord): string {
  const line = canonicalJson(AuditRecord.parse(record));
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw new RangeError('an audit record is at most 16 KiB');
  return line;
}

/** The record of a line that continues the chain, or null when it does not. */
export function decodeNext(line: string, expected: { seq: number; prev: string }): AuditRecord | null {
  try {
    const record = AuditRecord.parse(JSON.parse(line));
    return record.seq === expected.seq && record.prev === expected.prev ? record : null;
  } catch {
    return null;
  }
}
