import { AuditRecord, type AuditFilter } from '../../../contract/audit.ts';
import type { AuditLog } from './audit-log.ts';
import type { CheckpointSigner } from './checkpoint.ts';
import { fitsFilter } from './filter.ts';
import { EXPORT_FORMAT } from './verify-export.ts';

interface BundleOf {
  readonly log: AuditLog;
  readonly logId: string;
  readonly origin: string;
  /** Which records are shown; all, when null. */
  readonly filter: AuditFilter | null;
  /** The signed note that says how far the export goes. */
  readonly checkpoint: string;
  readonly signer: CheckpointSigner;
}

export interface Bundle {
  readonly lines: Generator<string>;
  /** base64 of the key that signed. */
  readonly publicKey: string;
  /** How many records were shown; known when all lines were taken. */
  shown(): number;
}

/** The log as the lines of an export, its newest state signed: the same for `export` and for `verify`. */
export function bundleOf(of: BundleOf): Bundle {
  const { log, logId, origin, filter, checkpoint, signer } = of;
  const publicKey = Buffer.from(signer.publicKey).toString('base64');
  const size = Number(checkpoint.split('\n')[1]);
  const facts = { format: EXPORT_FORMAT, logId, origin, publicKey, filter, checkpoint };
  const header = JSON.stringify({ ...facts, seal: signer.seal(JSON.stringify(facts)) });
  let shown = 0;
  function* entries(): Generator<string> {
    yield header;
    const leaf = (seq: number) => Buffer.from(log.hashes.leaf(seq)).toString('base64');
    let seq = 0;
    for (const { seq: at, line } of log.lines()) {
      if (at >= size) break;
      // Pruned while this was written.
      for (; seq < at; seq += 1) yield `${seq} ${leaf(seq)}`;
      const show = filter === null || fitsFilter(AuditRecord.parse(JSON.parse(line)), filter);
      if (show) shown += 1;
      yield show ? `${seq} ${leaf(seq)} ${line}` : `${seq} ${leaf(seq)}`;
      seq += 1;
    }
    for (; seq < size; seq += 1) yield `${seq} ${leaf(seq)}`;
  }
  return { lines: entries(), publicKey, shown: () => shown };
}
