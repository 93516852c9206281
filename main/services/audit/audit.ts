import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { AuditRecord, type AuditStatus, type AuditVerdict } from '../../../contract/audit.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { writeFileAtomic } from '../../kernel/atomic-file.ts';
import type { AuditEntry, Auditor } from '../../kernel/auditor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource, type SecretStore } from '../../kernel/ports.ts';
import { logIdOf, openAuditLog } from './audit-log.ts';
import { createCheckpointSigner, type CheckpointSigner } from './checkpoint.ts';
import { rootOf } from './merkle.ts';
import { EXPORT_FORMAT, verifyExport } from './verify-export.ts';

const RECORDS_PER_CHECKPOINT = 256;
const CHECKPOINT_AFTER_MS = 60_000;
const KEY_NAME = 'audit-key';

export interface AuditDeps {
  folder: string;
  clock: Clock;
  random: RandomSource;
  secrets: SecretStore;
  publish(event: HostEvent): void;
  raise(kind: 'audit-damaged' | 'state-repaired', message: string): void;
}

export interface Audit extends Auditor {
  readonly handlers: HandlersOf<'audit'>;
  status(): AuditStatus;
  /** Opens the log; every act before this is refused. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The record of everything that was decided and done. What is appended is on the disk before the promise resolves. */
export function createAudit(deps: AuditDeps): Audit {
  const { folder, clock, random, secrets, publish, raise } = deps;
  const logId = logIdOf(folder, () => Buffer.from(random.bytes(8)).toString('hex'));
  const origin = `signalbox.local/${logId}`;
  const boot = random.id();
  const log = openAuditLog(folder, logId);
  const checkpoints = join(folder, 'checkpoints.txt');
  let signer: Promise<CheckpointSigner> | null = null;
  let checkpointAt: string | null = null;
  let sinceCheckpoint = 0;
  let cancelTimer: (() => void) | null = null;

  const status = (): AuditStatus => ({
    records: log.size,
    state: log.damage === null ? 'ok' : 'read-only',
    checkpointAt,
  });

  function getSigner(): Promise<CheckpointSigner> {
    signer ??= (async () => {
      let seed = await secrets.get(KEY_NAME);
      if (seed === null) {
        seed = random.bytes(32);
        await secrets.set(KEY_NAME, seed);
      }
      return createCheckpointSigner(origin, seed);
    })();
    return signer;
  }

  async function writeCheckpoint(): Promise<string> {
    cancelTimer?.();
    cancelTimer = null;
    sinceCheckpoint = 0;
    const note = (await getSigner()).checkpoint(log.size, rootOf(log.frontier));
    appendFileSync(checkpoints, `${note}\n`, { mode: 0o600 });
    checkpointAt = instant(clock.now());
    publish({ type: 'audit.grown', audit: status() });
    return note;
  }

  async function append(entry: AuditEntry): Promise<void> {
    const facts = Object.fromEntries(
      Object.entries(entry.facts ?? {}).map(([key, value]) => [
        key,
        typeof value === 'string' ? clean(value, 2048) : value,
      ]),
    );
    try {
      await log.append({
        at: instant(clock.now()),
        boot,
        actor: clean(entry.actor, 512),
        type: entry.type,
        object: clean(entry.object, 512),
        facts,
      });
    } catch (error) {
      publish({ type: 'audit.grown', audit: status() });
      throw error;
    }
    publish({ type: 'audit.grown', audit: status() });
    sinceCheckpoint += 1;
    if (sinceCheckpoint >= RECORDS_PER_CHECKPOINT) await writeCheckpoint();
    else cancelTimer ??= clock.after(CHECKPOINT_AFTER_MS, () => void writeCheckpoint().catch(() => {}));
  }

  /** The log as one file, its newest state signed: the same bytes for `export` and for `verify`. */
  async function bundle(): Promise<{ text: string; records: number; publicKey: string }> {
    const checkpoint = await writeCheckpoint();
    const { publicKey } = await getSigner();
    const lines = [...log.lines()].slice(0, Number(checkpoint.split('\n')[1]));
    const header = {
      format: EXPORT_FORMAT,
      logId,
      origin,
      publicKey: Buffer.from(publicKey).toString('base64'),
      records: lines.length,
      checkpoint,
    };
    const text = [JSON.stringify(header), ...lines].map((line) => `${line}\n`).join('');
    return { text, records: lines.length, publicKey: header.publicKey };
  }

  return {
    append,
    status,
    async start() {
      if (log.damage !== null)
        raise('audit-damaged', `${log.damage}. The log is read-only; acts are refused.`);
      const earlier = lastCheckpointSize(checkpoints);
      if (log.damage === null && earlier > log.size) {
        raise(
          'audit-damaged',
          `a checkpoint covers ${earlier} records, the log holds ${log.size}: it was rolled back`,
        );
        await append({
          actor: 'host',
          type: 'audit.rollback-detected',
          object: logId,
          facts: { checkpoint: earlier, found: log.size },
        });
      }
      if (log.tornBytes > 0) {
        raise(
          'state-repaired',
          'the last audit record was torn by a crash and set aside; it was never acknowledged',
        );
        await append({
          actor: 'host',
          type: 'audit.torn-tail',
          object: logId,
          facts: { bytes: log.tornBytes },
        });
      }
    },
    async stop() {
      cancelTimer?.();
      if (log.damage === null && sinceCheckpoint > 0) await writeCheckpoint();
      await log.close();
    },
    handlers: {
      'audit.tail': ({ beforeSeq, limit, search }) => {
        const before = beforeSeq ?? Number.MAX_SAFE_INTEGER;
        const wanted = search?.toLowerCase();
        const records: AuditRecord[] = [];
        for (const line of log.lines()) {
          if (wanted !== undefined && !line.toLowerCase().includes(wanted)) continue;
          const record = AuditRecord.parse(JSON.parse(line));
          if (record.seq >= before) break;
          records.push(record);
          if (records.length > limit) records.shift();
        }
        return { records: records.reverse(), total: log.size };
      },
      'audit.export': async ({ file }) => {
        if (!isAbsolute(file)) throw new HostError('invalid_input', `"${file}" must be an absolute path`);
        if (existsSync(file)) throw new HostError('conflict', `${file} exists already; choose another name`);
        const { text, records } = await bundle();
        try {
          writeFileAtomic(file, text);
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code ?? 'error';
          throw new HostError('unavailable', `${file} cannot be written: ${code}`);
        }
        return { file, records, sha256: createHash('sha256').update(text).digest('hex') };
      },
      'audit.verify': async (): Promise<AuditVerdict> => {
        if (log.damage !== null) {
          return { verdict: 'broken-chain', firstBadSeq: log.size, message: log.damage };
        }
        const { text, publicKey } = await bundle();
        return verifyExport(text, publicKey);
      },
    },
  };
}

function lastCheckpointSize(file: string): number {
  if (!existsSync(file)) return 0;
  const sizes = [...readFileSync(file, 'utf8').matchAll(/^signalbox\.local\/[0-9a-f]+\n(\d+)\n/gm)];
  return Number(sizes.at(-1)?.[1] ?? 0);
}

/** Control characters and lone surrogates have no place in a line that people read and hash. */
function clean(value: string, max: number): string {
  const text = value.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return text.length > max ? `${text.slice(0, max - 1)}\u2026` : text;
}
