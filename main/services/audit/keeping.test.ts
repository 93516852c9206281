import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { witness, type KeptCheckpoint } from '../../../contract/audit-witness.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { handClock, memorySecrets, realRandom, type HandClock } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createAudit, type Audit } from './audit.ts';
import { verifyExport } from './verify-export.ts';

const owner = ownerCaller('cli');
const DAY = 24 * 3_600_000;

function openAudit(
  folder: string,
  options: { clock?: HandClock; keepDays?: number | null; secrets?: ReturnType<typeof memorySecrets> } = {},
) {
  const raised: string[] = [];
  const events: HostEvent[] = [];
  const clock = options.clock ?? handClock();
  const audit = createAudit({
    folder,
    clock,
    secrets: options.secrets ?? memorySecrets(),
    random: realRandom,
    keepDays: options.keepDays ?? null,
    publish: (event) => void events.push(event),
    raise: (kind) => void raised.push(kind),
  });
  return { audit, raised, events, clock };
}

const note = (audit: Audit, object: string, workspaceId = 'w1') =>
  audit.append({ actor: 'owner:cli', type: 'test.happened', object, facts: { workspaceId } });

const segments = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('audit-'));

async function exported(audit: Audit, filter?: Parameters<Audit['handlers']['audit.export']>[0]['filter']) {
  const file = join(temporaryFolder(), 'export.txt');
  await audit.handlers['audit.export'](filter === undefined ? { file } : { file, filter }, owner);
  return readFileSync(file, 'utf8');
}

test('a filtered export shows what was asked for, hides the rest, and still proves that nothing was changed', async () => {
  const { audit, clock } = openAudit(temporaryFolder());
  await audit.start();
  await note(audit, 'private-one', 'w1');
  await note(audit, 'shown-one', 'w2');
  clock.advance(1000);
  await note(audit, 'private-two', 'w1');
  const text = await exported(audit, { workspaceId: 'w2' });
  expect(verifyExport(text)).toMatchObject({ verdict: 'ok', records: 1, omitted: 2 });
  expect(text).toContain('shown-one');
  expect(text).not.toContain('private');
  const late = await exported(audit, { fromAt: '2026-01-01T00:00:00.500Z', types: ['test'] });
  expect(verifyExport(late)).toMatchObject({ verdict: 'ok', records: 1, omitted: 2 });
  expect(late).toContain('private-two');
});

test('an export continues an earlier checkpoint, or says that it does not', async () => {
  const { audit } = openAudit(temporaryFolder());
  await audit.start();
  await note(audit, 'one');
  const { note: early } = await audit.handlers['audit.checkpoint']({}, owner);
  await note(audit, 'two');
  const text = await exported(audit);
  expect(verifyExport(text, { previousNote: early })).toMatchObject({ verdict: 'ok' });
  const foreign = openAudit(temporaryFolder()).audit;
  await foreign.start();
  await note(foreign, 'one');
  const { note: other } = await foreign.handlers['audit.checkpoint']({}, owner);
  expect(verifyExport(text, { previousNote: other })).toMatchObject({ verdict: 'bad-signature' });
});

test('old records go by whole days, on record, and what is left verifies with what was signed before', async () => {
  const folder = temporaryFolder();
  const secrets = memorySecrets();
  const clock = handClock();
  const first = openAudit(folder, { clock, secrets });
  await first.audit.start();
  for (let day = 0; day < 10; day += 1) {
    for (let count = 0; count < 5; count += 1) await note(first.audit, `day-${day}-${count}`);
    clock.advance(DAY);
  }
  const { note: early } = await first.audit.handlers['audit.checkpoint']({}, owner);
  expect(segments(folder)).toHaveLength(10);
  const pruned = await first.audit.handlers['audit.prune']({ keepDays: 4 }, owner);
  expect(pruned).toEqual({ removed: 30, oldestSeq: 30 });
  expect(segments(folder)).toHaveLength(5);
  const text = await exported(first.audit);
  expect(text).not.toContain('day-5');
  expect(verifyExport(text, { previousNote: early })).toMatchObject({
    verdict: 'ok',
    records: 21,
    omitted: 30,
  });
  const { records } = await first.audit.handlers['audit.tail']({ limit: 1 }, owner);
  expect(records).toMatchObject([{ type: 'audit.pruned', facts: { removed: 30, oldestSeq: 30 } }]);
  await first.audit.stop();

  const second = openAudit(folder, { clock, secrets });
  await second.audit.start();
  await note(second.audit, 'afterwards');
  expect(second.raised).toEqual([]);
  expect(second.audit.status()).toMatchObject({ records: 52, oldestSeq: 30 });
  expect(await second.audit.handlers['audit.verify']({}, owner)).toMatchObject({
    verdict: 'ok',
    omitted: 30,
  });
});

test('a pruning that was cut off at any step is finished or undone by the next start', async () => {
  const folder = temporaryFolder();
  const clock = handClock();
  const secrets = memorySecrets();
  const first = openAudit(folder, { clock, secrets });
  await first.audit.start();
  for (let day = 0; day < 4; day += 1) {
    await note(first.audit, `day-${day}`);
    clock.advance(DAY);
  }
  const before = join(temporaryFolder(), 'before');
  cpSync(folder, before, { recursive: true });
  await first.audit.handlers['audit.prune']({ keepDays: 2 }, owner);
  await first.audit.stop();
  // Killed after the new base was written and before the first segment went.
  for (const name of segments(before)) cpSync(join(before, name), join(folder, name), { force: false });
  expect(segments(folder)).toHaveLength(5);
  const second = openAudit(folder, { clock, secrets });
  await second.audit.start();
  expect(second.raised).toEqual([]);
  expect(segments(folder)).toHaveLength(3);
  expect(await second.audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'ok', omitted: 2 });
});

test('records are dropped by the rule of the owner at the start and once a day', async () => {
  const folder = temporaryFolder();
  const clock = handClock();
  const { audit } = openAudit(folder, { clock, keepDays: 2 });
  await audit.start();
  for (let day = 0; day < 4; day += 1) {
    await note(audit, `day-${day}`);
    clock.advance(DAY / 2);
    clock.advance(DAY / 2);
    // What is due runs on its own; the next record waits behind it.
    await note(audit, `evening-${day}`);
  }
  await expect.poll(() => audit.status().oldestSeq).toBeGreaterThan(0);
  expect(await audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'ok' });
  await audit.stop();
});

test('a witness accepts a log that grows, and neither one that was put back nor one that was rewritten', async () => {
  const folder = temporaryFolder();
  const secrets = memorySecrets();
  const clock = handClock();
  const first = openAudit(folder, { secrets, clock });
  await first.audit.start();
  let kept: KeptCheckpoint | null = null;
  const look = async (audit: Audit) =>
    witness(kept, await audit.handlers['audit.checkpoint'](kept === null ? {} : { since: kept.size }, owner));
  for (let round = 0; round < 12; round += 1) {
    for (let count = 0; count <= round; count += 1) await note(first.audit, `${round}-${count}`);
    const verdict = await look(first.audit);
    if (verdict.kind !== 'accepted') throw new Error(verdict.kind);
    kept = verdict.kept;
    if (round === 5) cpSync(folder, join(folder, '..', 'backup'), { recursive: true });
  }
  const backup = join(folder, '..', 'backup');
  onTestFinished(() => rmSync(backup, { recursive: true, force: true }));
  await first.audit.stop();
  expect(kept?.size).toBe(78);

  const putBack = openAudit(backup, { secrets, clock });
  await putBack.audit.start();
  expect(await look(putBack.audit)).toMatchObject({ kind: 'smaller', size: 21 });
  for (let count = 0; count < 100; count += 1) await note(putBack.audit, `another history ${count}`);
  expect(await look(putBack.audit)).toEqual({ kind: 'inconsistent' });
  const stranger = openAudit(temporaryFolder(), { clock });
  await stranger.audit.start();
  expect(await look(stranger.audit)).toEqual({ kind: 'other-log' });
  const answer = await putBack.audit.handlers['audit.checkpoint']({}, owner);
  expect(witness(null, { ...answer, note: answer.note.replace('\n121\n', '\n122\n') })).toEqual({
    kind: 'bad-signature',
  });
});

test('a witness falls to no malformed answer', () => {
  for (const text of ['', 'x', '\n\n', `a\n1\n${'A'.repeat(44)}\n\n\u2014 a AAAA\n`, 'x'.repeat(10_000)]) {
    const answer = { note: text, publicKey: 'A'.repeat(43) + '=', consistency: [] };
    expect(witness(null, answer)).toEqual({ kind: 'bad-signature' });
  }
});

/** A file system of 1 MiB; null where this user may not mount one. */
function tinyDisk(): string | null {
  const folder = temporaryFolder();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', disk]).status !== 0) return null;
  onTestFinished(() => void execFileSync('umount', [disk]));
  return disk;
}

test('on a full disk nothing is acknowledged, nothing is done, and the next start goes on', async (context) => {
  const disk = tinyDisk();
  if (disk === null) return context.skip();
  const secrets = memorySecrets();
  const { audit, events } = openAudit(disk, { secrets });
  await audit.start();
  let acknowledged = 0;
  const refusal = await (async () => {
    for (;;) {
      try {
        await audit.append({ actor: 'host', type: 'test.happened', object: 'x'.repeat(400) });
        acknowledged += 1;
      } catch (error) {
        return error;
      }
    }
  })();
  expect(refusal).toMatchObject({ code: 'unavailable' });
  expect(acknowledged).toBeGreaterThan(100);
  await expect(note(audit, 'later')).rejects.toMatchObject({ code: 'unavailable' });
  expect(audit.status().state).toBe('read-only');
  expect(events.at(-1)).toMatchObject({ audit: { state: 'read-only' } });
  await audit.stop();

  const elsewhere = join(temporaryFolder(), 'audit');
  cpSync(disk, elsewhere, { recursive: true });
  const again = openAudit(elsewhere, { secrets });
  await again.audit.start();
  expect(again.audit.status().records).toBeGreaterThanOrEqual(acknowledged);
  expect(await again.audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'ok' });
  expect(existsSync(join(elsewhere, 'hashes'))).toBe(true);
});
