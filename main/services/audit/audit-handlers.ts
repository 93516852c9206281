import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { AuditRecord, type AuditFilter, type AuditVerdict } from '../../../contract/audit.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { AuditLog } from './audit-log.ts';
import type { CheckpointSigner } from './checkpoint.ts';
import type { Bundle } from './export-bundle.ts';
import { writeLines } from './export-file.ts';
import { fitsFilter } from './filter.ts';
import { createVerifier } from './verify-export.ts';

export interface AuditHandlersDeps {
  log: AuditLog;
  bundle(filter: AuditFilter | null): Promise<Bundle>;
  newestCheckpoint(): Promise<string>;
  getSigner(): Promise<CheckpointSigner>;
  /** @returns how many records went */
  prune(days: number, actor: string): Promise<number>;
}

/** What can be asked of the record. */
export function auditHandlers(deps: AuditHandlersDeps): HandlersOf<'audit'> {
  const { log, bundle, newestCheckpoint, getSigner, prune } = deps;
  return {
    'audit.tail': ({ beforeSeq, limit, search, filter }) => {
      const before = beforeSeq ?? Number.MAX_SAFE_INTEGER;
      const wanted = search?.toLowerCase();
      const records: AuditRecord[] = [];
      for (const line of log.linesBackward(before)) {
        if (records.length === limit) break;
        if (wanted !== undefined && !line.toLowerCase().includes(wanted)) continue;
        const record = AuditRecord.parse(JSON.parse(line));
        if (filter === undefined || fitsFilter(record, filter)) records.push(record);
      }
      return { records, total: log.size };
    },
    'audit.export': async ({ file, filter }) => {
      if (!isAbsolute(file)) throw new HostError('invalid_input', `"${file}" must be an absolute path`);
      if (existsSync(file)) throw new HostError('conflict', `${file} exists already; choose another name`);
      const { lines, shown } = await bundle(filter ?? null);
      const sha256 = await writeLines(file, lines);
      return { file, records: shown(), sha256 };
    },
    'audit.verify': async (): Promise<AuditVerdict> => {
      if (log.damage !== null) {
        return { verdict: 'broken-chain', firstBadSeq: log.firstBadSeq, message: log.damage };
      }
      const { lines, publicKey } = await bundle(null);
      const verifier = createVerifier({ trustedKey: publicKey });
      for (const line of lines) verifier.line(line);
      return verifier.end(false);
    },
    'audit.checkpoint': async ({ since }) => {
      const note = await newestCheckpoint();
      const size = Number(note.split('\n')[1]);
      // Of a log that was longer once there is no proof: whoever saw it is shown what there is now, and judges.
      const hashes = since === undefined || since > size ? [] : log.hashes.consistency(since, size);
      return {
        note,
        publicKey: Buffer.from((await getSigner()).publicKey).toString('base64'),
        consistency: hashes.map((hash) => Buffer.from(hash).toString('base64')),
      };
    },
    'audit.prune': async ({ keepDays: days }, caller) => {
      const removed = await prune(days, caller.principal);
      return { removed, oldestSeq: log.oldestSeq };
    },
  };
}
