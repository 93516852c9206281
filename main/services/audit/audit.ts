import { join } from 'node:path';
import type { AuditFilter, AuditStatus } from '../../../contract/audit.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { AuditEntry, Auditor } from '../../kernel/auditor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource, type SecretStore } from '../../kernel/ports.ts';
import { auditHandlers } from './audit-handlers.ts';
import { logIdOf, openAuditLog } from './audit-log.ts';
import { openCheckpointFile } from './checkpoint-file.ts';
import { createCheckpointSigner, type CheckpointSigner } from './checkpoint.ts';
import { bundleOf } from './export-bundle.ts';

const RECORDS_PER_CHECKPOINT = 256;
const CHECKPOINT_AFTER_MS = 60_000;
const KEY_NAME = 'audit-key';
const DAY_MS = 24 * 3_600_000;

export interface AuditDeps {
  folder: string;
  clock: Clock;
  random: RandomSource;
  secrets: SecretStore;
  publish(event: HostEvent): void;
  raise(kind: 'audit-damaged' | 'audit-rolled-back' | 'state-repaired', message: string): void;
  /** Whole records are kept for so many days; null for ever. Their hashes always stay. */
  keepDays: number | null;
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
  const { folder, clock, random, secrets, publish, raise, keepDays } = deps;
  const logId = logIdOf(folder, () => Buffer.from(random.bytes(8)).toString('hex'));
  const origin = `signalbox.local/${logId}`;
  const boot = random.id();
  const checkpoints = openCheckpointFile(join(folder, 'checkpoints.txt'), origin);
  const log = openAuditLog(folder, logId, checkpoints.last);
  let signer: Promise<CheckpointSigner> | null = null;
  let checkpointAt: string | null = null;
  let newest: string | null = null;
  let sinceCheckpoint = 0;
  let cancelTimer: (() => void) | null = null;
  let cancelPruning: (() => void) | null = null;

  const status = (): AuditStatus => ({
    records: log.size,
    state: log.damage === null ? 'ok' : 'read-only',
    checkpointAt,
    oldestSeq: log.oldestSeq,
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
    const note = (await getSigner()).checkpoint(log.size, log.hashes.rootAt(log.size));
    checkpoints.append(note);
    checkpointAt = instant(clock.now());
    newest = note;
    publish({ type: 'audit.grown', audit: status() });
    return note;
  }

  /** The last checkpoint if nothing came since, else a new one: asking often writes nothing. */
  async function newestCheckpoint(): Promise<string> {
    if (newest === null || Number(newest.split('\n')[1]) !== log.size) newest = await writeCheckpoint();
    return newest;
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

  const bundle = async (filter: AuditFilter | null) =>
    bundleOf({ log, logId, origin, filter, checkpoint: await writeCheckpoint(), signer: await getSigner() });

  /** @param earlier how many records there once were; null when only the key of the log is left */
  async function noteRollback(earlier: number | null): Promise<void> {
    const found = log.size;
    raise(
      'audit-rolled-back',
      earlier === null
        ? 'the audit log is empty, but its key is not new: its records were removed'
        : `the log once held ${earlier} records and holds ${found}: it was cut or put back`,
    );
    await append({
      actor: 'host',
      type: 'audit.rollback-detected',
      object: logId,
      facts: { checkpoint: earlier, found },
    });
    // From here on this is the log: what is signed next must not be compared with what is gone.
    await writeCheckpoint();
  }

  /** On record before anything goes; what goes is whole days. */
  async function prune(days: number, actor: string): Promise<number> {
    const to = log.prunableTo(instant(clock.now() - days * DAY_MS));
    const removed = to.seq - log.oldestSeq;
    if (removed === 0) return 0;
    await append({ actor, type: 'audit.pruned', object: logId, facts: { removed, oldestSeq: to.seq, days } });
    log.prune(to);
    publish({ type: 'audit.grown', audit: status() });
    return removed;
  }

  async function pruneDaily(days: number): Promise<void> {
    await prune(days, 'host').catch(() => 0);
    cancelPruning = clock.after(DAY_MS, () => void pruneDaily(days));
  }

  return {
    append,
    status,
    async start() {
      if (log.damage !== null)
        raise('audit-damaged', `${log.damage}. The log is read-only; acts are refused.`);
      const earlier = Math.max(checkpoints.last?.size ?? 0, log.size + log.lost);
      if (log.damage === null && earlier > log.size) await noteRollback(earlier);
      else if (
        log.damage === null &&
        earlier === 0 &&
        checkpoints.last === null &&
        (await secrets.get(KEY_NAME)) !== null
      ) {
        // The key outlives the folder, and is never made without a checkpoint.
        await noteRollback(null);
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
      if (log.damage === null && keepDays !== null) await pruneDaily(keepDays);
    },
    async stop() {
      cancelTimer?.();
      cancelPruning?.();
      if (log.damage === null && sinceCheckpoint > 0) await writeCheckpoint();
      await log.close();
    },
    handlers: auditHandlers({ log, bundle, newestCheckpoint, getSigner, prune }),
  };
}

/** Control characters and lone surrogates have no place in a line that people read and hash. */
function clean(value: string, max: number): string {
  const text = value.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return text.length > max ? `${text.slice(0, max - 1)}\u2026` : text;
}
