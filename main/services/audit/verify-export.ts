/**
 * The verifier of audit exports. It stands alone on purpose: Node's crypto and nothing of the host, so that somebody
 * else can read it in one sitting and run it on a machine that never saw Signalbox.
 *
 * An export is text. Line 1 is a JSON header {format, logId, origin, publicKey, filter, checkpoint, seal}; the seal is the
 * base64 of an Ed25519 signature over the header without it. Each further line is one record of the log:
 * `number leaf record`, or `number leaf` for one that is left out. The leaf is the base64 of the record's RFC 6962 leaf
 * hash, the record stands byte for byte as the host wrote it. All leaves together give the root that the checkpoint
 * signs, so that a chosen part of a log proves as much as the whole.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

export const EXPORT_FORMAT = 'signalbox-audit-export/2';

export type ExportVerdict =
  | { verdict: 'ok'; records: number; omitted: number; checkpoints: number; key: string }
  | {
      verdict: 'bad-signature' | 'broken-chain' | 'missing-records' | 'untrusted-key' | 'unreadable';
      firstBadSeq: number | null;
      message: string;
    };

export interface VerifyOptions {
  /** base64 of the Ed25519 public key that must have signed; without it the key in the file is taken. */
  trustedKey?: string | undefined;
  /** An earlier signed checkpoint of the same log, which this one must continue. */
  previousNote?: string | undefined;
}

export interface ExportVerifier {
  /** The next line, without its newline. */
  line(text: string): void;
  /** @param cut whether the text ended without a newline */
  end(cut: boolean): ExportVerdict;
}

interface Header {
  format: string;
  logId: string;
  origin: string;
  publicKey: string;
  filter: object | null;
  checkpoint: string;
  seal: string;
}

interface Checkpoint {
  size: number;
  root: string;
}

type Failed = Exclude<ExportVerdict, { verdict: 'ok' }>;

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const bad = (verdict: Failed['verdict'], message: string, firstBadSeq: number | null = null): Failed => ({
  verdict,
  firstBadSeq,
  message,
});

/** Checks a whole export that is in memory. */
export function verifyExport(text: string, options: VerifyOptions = {}): ExportVerdict {
  const verifier = createVerifier(options);
  const lines = text.split('\n');
  const rest = lines.pop();
  for (const line of lines) verifier.line(line);
  return verifier.end(rest !== '');
}

/** Checks an export line by line, so that a log of any length can be checked. */
export function createVerifier(options: VerifyOptions = {}): ExportVerifier {
  let failed: Failed | null = null;
  let header: Header | null = null;
  let signed: Checkpoint = { size: 0, root: '' };
  let previous: Checkpoint | null = null;
  let count = 0;
  let omitted = 0;
  let signedBy = '';
  /** SHA-256 of the record before, which the next one must name; null after one that was left out. */
  let chained: string | null = null;
  let wrongLeaf: number | null = null;
  let wrongLink: number | null = null;
  const stated = merkleTree();
  const computed = merkleTree();

  function begin(line: string): void {
    header = readHeader(line);
    if (header === null) return fail(bad('unreadable', 'line 1 is not the header of an audit export'));
    const { publicKey, logId, checkpoint } = header;
    if (options.trustedKey !== undefined && options.trustedKey !== publicKey)
      return fail(bad('untrusted-key', `signed by ${publicKey}, not by the key that was given`));
    const read = isSealed(header) ? readCheckpoint(checkpoint, header) : null;
    if (read === null)
      return fail(bad('bad-signature', 'header and checkpoint are not signed by the key of this log'));
    signed = read;
    signedBy = publicKey;
    chained = sha256(`signalbox/audit/v1\n${logId}`).toString('hex');
    if (options.previousNote === undefined) return;
    previous = readCheckpoint(options.previousNote, header);
    if (previous?.size === 0) checkPrevious(previous);
    if (previous === null || previous.size > signed.size)
      fail(bad('bad-signature', 'the earlier checkpoint is of another log, or this export is older than it'));
  }

  function fail(verdict: Failed): void {
    failed ??= verdict;
  }

  function entry(line: string): void {
    const seq = count;
    count += 1;
    const match = /^(\d+) ([A-Za-z0-9+/]{43}=)(?: (.+))?$/.exec(line);
    if (match === null) return fail(bad('broken-chain', `line ${seq + 2} is no entry of an export`, seq));
    const [, number, leaf = '', record] = match;
    if (number !== String(seq))
      return fail(bad('missing-records', `where record ${seq} should stand there is ${String(number)}`, seq));
    if (!isCanonicalBase64(leaf))
      return fail(bad('broken-chain', `the hash of record ${seq} is not base64`, seq));
    stated.add(Buffer.from(leaf, 'base64'));
    if (previous?.size === count) checkPrevious(previous);
    if (record === undefined) {
      omitted += 1;
      chained = null;
      computed.add(Buffer.from(leaf, 'base64'));
    } else {
      const own = sha256(Uint8Array.of(0), record);
      computed.add(own);
      if (own.toString('base64') !== leaf) wrongLeaf ??= seq;
      if (!follows(record, seq, chained)) wrongLink ??= seq;
      chained = sha256(record).toString('hex');
    }
  }

  function checkPrevious({ size, root }: Checkpoint): void {
    if (stated.root() !== root)
      fail(bad('broken-chain', `the first ${size} records are not those of the earlier checkpoint`));
  }

  return {
    line(text) {
      if (failed !== null) return;
      if (header === null) begin(text);
      else entry(text);
    },
    end(cut) {
      if (cut) fail(bad('unreadable', 'the file does not end with a newline: it was cut short'));
      if (header === null) fail(bad('unreadable', 'the file is empty'));
      if (failed !== null) return failed;
      if (count !== signed.size) {
        const message = `the checkpoint covers ${signed.size} records, here are ${count}`;
        return bad('missing-records', message, Math.min(count, signed.size));
      }
      const first = wrongLeaf ?? wrongLink;
      // Either the hashes are what was signed, and the record differs, or the record is, and its hash was changed.
      if (stated.root() !== signed.root || first !== null)
        return bad('broken-chain', 'the records do not add up to the signed root', first);
      return { verdict: 'ok', records: count - omitted, omitted, checkpoints: 1, key: signedBy };
    },
  };
}

function readHeader(line: string): Header | null {
  try {
    const { format, logId, origin, publicKey, filter, checkpoint, seal } = JSON.parse(line) as Header;
    const header = { format, logId, origin, publicKey, filter, checkpoint, seal };
    const whole = [logId, origin, publicKey, checkpoint, seal].every((value) => typeof value === 'string');
    // Only the one form that the host writes: other bytes with the same meaning are still other bytes.
    const same = format === EXPORT_FORMAT && whole && JSON.stringify(header) === line;
    return same && origin === `signalbox.local/${logId}` ? header : null;
  } catch {
    return null;
  }
}

function isSealed({ seal, ...facts }: Header): boolean {
  const key = keyOf(facts.publicKey);
  if (key === null || !isCanonicalBase64(seal)) return false;
  return verify(null, Buffer.from(JSON.stringify(facts)), key, Buffer.from(seal, 'base64'));
}

function keyOf(publicKey: string) {
  const raw = Buffer.from(publicKey, 'base64');
  if (raw.length !== 32 || !isCanonicalBase64(publicKey)) return null;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** C2SP tlog-checkpoint: origin, size and base64 root; then an empty line and "— name base64(keyId4 ‖ signature)". */
function readCheckpoint(note: string, { origin, publicKey }: Header): Checkpoint | null {
  const match = /^((\S+)\n(0|[1-9]\d{0,15})\n(\S+)\n)\n\u2014 (\S+) (\S+)\n$/.exec(note);
  if (match === null || match[2] !== origin || match[5] !== origin) return null;
  const [blob = '', key] = [match[6], keyOf(publicKey)];
  const [signature, raw] = [Buffer.from(blob, 'base64'), Buffer.from(publicKey, 'base64')];
  if (key === null || signature.length !== 68 || !isCanonicalBase64(blob)) return null;
  const keyId = sha256(origin, Uint8Array.of(0x0a, 0x01), raw).subarray(0, 4);
  if (!keyId.equals(signature.subarray(0, 4))) return null;
  const fits = verify(null, Buffer.from(match[1] ?? ''), key, signature.subarray(4));
  return fits ? { size: Number(match[3]), root: match[4] ?? '' } : null;
}

/** Whether a record carries its own number and the hash of the one before it, where that one is shown. */
function follows(line: string, seq: number, prev: string | null): boolean {
  try {
    const record = JSON.parse(line) as { seq: unknown; prev: unknown };
    return record.seq === seq && (prev === null || record.prev === prev);
  } catch {
    return false;
  }
}

/** Base64 has several spellings of the same bytes; only the shortest one counts. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

/** RFC 6962 section 2.1, as it grows: the roots of the full subtrees, widest first. */
function merkleTree() {
  const full: { width: number; hash: Buffer }[] = [];
  const node = (left: Buffer, right: Buffer) => sha256(Uint8Array.of(1), left, right);
  return {
    add(hash: Buffer): void {
      let added = { width: 1, hash };
      for (let last = full.at(-1); last?.width === added.width; last = full.at(-1)) {
        full.pop();
        added = { width: 2 * added.width, hash: node(last.hash, added.hash) };
      }
      full.push(added);
    },
    root(): string {
      const hashes = full.map(({ hash }) => hash);
      const root = hashes.reduceRight<Buffer | null>(
        (right, left) => (right === null ? left : node(left, right)),
        null,
      );
      return (root ?? sha256()).toString('base64');
    },
  };
}
