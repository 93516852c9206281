/**
 * The verifier of audit exports. It stands alone on purpose: Node's crypto and nothing of the host, so that somebody
 * else can read it in one sitting and run it on a machine that never saw Signalbox.
 *
 * An export is text. Line 1 is a JSON header {format, logId, origin, publicKey, records, checkpoint}; each further
 * line is one record, byte for byte as the host wrote it.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

export const EXPORT_FORMAT = 'signalbox-audit-export/1';

export type ExportVerdict =
  | { verdict: 'ok'; records: number; checkpoints: number; key: string }
  | {
      verdict: 'bad-signature' | 'broken-chain' | 'missing-records' | 'untrusted-key' | 'unreadable';
      firstBadSeq: number | null;
      message: string;
    };

interface Header {
  format: string;
  logId: string;
  origin: string;
  publicKey: string;
  records: number;
  checkpoint: string;
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const bad = (
  verdict: Exclude<ExportVerdict['verdict'], 'ok'>,
  message: string,
  firstBadSeq: number | null = null,
): ExportVerdict => ({ verdict, firstBadSeq, message });

/**
 * Checks header, chain, Merkle root and signature.
 * @param trustedKey base64 of the Ed25519 public key that must have signed; without it the key in the file is taken
 */
export function verifyExport(text: string, trustedKey?: string): ExportVerdict {
  const lines = text.split('\n');
  if (lines.pop() !== '') return bad('unreadable', 'the file does not end with a newline: it was cut short');
  const header = readHeader(lines.shift());
  if (header === null) return bad('unreadable', 'line 1 is not the header of an audit export');
  if (trustedKey !== undefined && trustedKey !== header.publicKey) {
    return bad('untrusted-key', `signed by ${header.publicKey}, not by the key that was given`);
  }
  const chain = verifyChain(header, lines);
  if (chain !== null) return chain;
  return verifyCheckpoint(header, lines);
}

function readHeader(line: string | undefined): Header | null {
  try {
    const { format, logId, origin, publicKey, records, checkpoint } = JSON.parse(line ?? '') as Header;
    const header = { format, logId, origin, publicKey, records, checkpoint };
    const texts = [logId, origin, publicKey, checkpoint];
    const whole = texts.every((value) => typeof value === 'string') && Number.isSafeInteger(records);
    // Only the one form that the host writes: other bytes with the same meaning are still other bytes.
    return format === EXPORT_FORMAT && whole && JSON.stringify(header) === line ? header : null;
  } catch {
    return null;
  }
}

function verifyChain(header: Header, lines: readonly string[]): ExportVerdict | null {
  let prev = sha256(`signalbox/audit/v1\n${header.logId}`).toString('hex');
  for (const [seq, line] of lines.entries()) {
    const record = parseRecord(line);
    if (record === null) return bad('broken-chain', `record ${seq} cannot be read`, seq);
    if (record.seq !== seq)
      return bad('missing-records', `record ${seq} says it is ${String(record.seq)}`, seq);
    if (record.prev !== prev)
      return bad('broken-chain', `record ${seq} does not follow the one before it`, seq);
    prev = sha256(line).toString('hex');
  }
  if (lines.length !== header.records) {
    return bad(
      'missing-records',
      `the header promises ${header.records} records, here are ${lines.length}`,
      lines.length,
    );
  }
  return null;
}

function parseRecord(line: string): { seq: unknown; prev: unknown } | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'seq' in value && 'prev' in value
      ? { seq: value.seq, prev: value.prev }
      : null;
  } catch {
    return null;
  }
}

/** C2SP tlog-checkpoint: origin, size and base64 root; then an empty line and "— name base64(keyId4 ‖ signature)". */
function verifyCheckpoint(header: Header, lines: readonly string[]): ExportVerdict {
  const last = lines.length - 1;
  const [body, signatureLine] = header.checkpoint.split('\n\n');
  const signed = `${body ?? ''}\n`;
  const [origin, size, root] = (body ?? '').split('\n');
  const match = /^\u2014 (\S+) (\S+)\n$/.exec(signatureLine ?? '');
  if (origin !== header.origin || match?.[1] !== header.origin) {
    return bad('bad-signature', 'the checkpoint names another log');
  }
  const blob = match[2] ?? '';
  if (!isCanonicalBase64(blob) || !verifySignature(header, signed, Buffer.from(blob, 'base64'))) {
    return bad('bad-signature', 'the signature of the checkpoint does not fit');
  }
  if (Number(size) !== lines.length) {
    return bad(
      'missing-records',
      `the checkpoint covers ${String(size)} records, here are ${lines.length}`,
      lines.length,
    );
  }
  if (merkleRoot(lines).toString('base64') !== root) {
    return bad(
      'broken-chain',
      'the records do not add up to the signed root: the last one was changed',
      Math.max(0, last),
    );
  }
  return { verdict: 'ok', records: lines.length, checkpoints: 1, key: header.publicKey };
}

function verifySignature(header: Header, signed: string, blob: Buffer): boolean {
  const raw = Buffer.from(header.publicKey, 'base64');
  if (raw.length !== 32 || blob.length !== 68 || !isCanonicalBase64(header.publicKey)) return false;
  const id = sha256(header.origin, Uint8Array.of(0x0a, 0x01), raw).subarray(0, 4);
  if (!id.equals(blob.subarray(0, 4))) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(signed), key, blob.subarray(4));
}

/** Base64 has several spellings of the same bytes; only the shortest one counts. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

/** RFC 6962 section 2.1, level by level: a lone node at the right edge moves up as it is. */
function merkleRoot(lines: readonly string[]): Buffer {
  let level = lines.map((line) => sha256(Uint8Array.of(0), line));
  if (level.length === 0) return sha256();
  while (level.length > 1) {
    const next: typeof level = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      if (left) next.push(right ? sha256(Uint8Array.of(1), left, right) : left);
    }
    level = next;
  }
  return level[0] ?? sha256();
}
