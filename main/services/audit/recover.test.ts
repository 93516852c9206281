import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownerCaller } from '../../kernel/caller.ts';
import { handClock, memorySecrets, realRandom, type HandClock } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createAudit, type Audit } from './audit.ts';
import { lineHash } from './chain.ts';
import { openCheckpointFile } from './checkpoint-file.ts';
import { verifyExport } from './verify-export.ts';

const owner = ownerCaller('cli');
const DAY = 24 * 3_600_000;
type Secrets = ReturnType<typeof memorySecrets>;

async function startAudit(folder: string, secrets: Secrets, clock: HandClock = handClock()) {
  const raised: string[] = [];
  const audit = createAudit({
    ...{ folder, secrets, clock, random: realRandom, keepDays: null },
    publish: () => {},
    raise: (kind) => void raised.push(kind),
  });
  await audit.start();
  return { audit, raised };
}

const note = (audit: Audit, object: string) =>
  audit.append({ actor: 'owner:cli', type: 'test.happened', object });

async function objects(audit: Audit): Promise<string[]> {
  const { records } = await audit.handlers['audit.tail']({ limit: 1000 }, owner);
  return records.map(({ type, object }) => (type === 'test.happened' ? object : type)).reverse();
}

const segments = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /^audit-\d+\.jsonl$/.test(name));

const onlySegment = (folder: string): string => join(folder, segments(folder)[0] ?? '');

/** A stopped log of so many records, each on a day of its own where asked. */
async function logOf(count: number, { daily = false } = {}) {
  const [folder, secrets, clock] = [join(temporaryFolder(), 'audit'), memorySecrets(), handClock()];
  cpSync(temporaryFolder(), folder, { recursive: true });
  const { audit } = await startAudit(folder, secrets, clock);
  for (let index = 0; index < count; index += 1) {
    await note(audit, `thing-${index}`);
    if (daily) clock.advance(DAY);
  }
  return { folder, secrets, clock, audit, stop: () => audit.stop() };
}

test(
  'a last line that is torn at any byte is set aside, and every record before it stays',
  { timeout: 60_000 },
  async () => {
    const { folder, secrets, stop } = await logOf(4);
    await stop();
    const bytes = readFileSync(onlySegment(folder));
    const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
    let recovered = 0;
    for (let cut = lastLine; cut < bytes.length; cut += 1) {
      const copy = join(temporaryFolder(), 'copy');
      cpSync(folder, copy, { recursive: true });
      truncateSync(onlySegment(copy), cut);
      const { audit, raised } = await startAudit(copy, secrets);
      // The line was acknowledged once, so that its loss is told too.
      expect(raised).toEqual(
        cut === lastLine ? ['audit-rolled-back'] : ['audit-rolled-back', 'state-repaired'],
      );
      expect((await objects(audit)).slice(0, 3)).toEqual(['thing-0', 'thing-1', 'thing-2']);
      expect(await objects(audit)).toContain('audit.rollback-detected');
      expect(await audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'ok' });
      await audit.stop();
      const again = await startAudit(copy, secrets);
      expect(again.raised).toEqual([]);
      await again.audit.stop();
      recovered += 1;
    }
    process.stdout.write(`torn tail: ${recovered} of ${bytes.length - lastLine} cuts recovered\n`);
  },
);

test.each<[string, (file: string) => void]>([
  ['is gone', (file) => rmSync(file)],
  ['is empty', (file) => truncateSync(file, 0)],
  ['is torn within a hash', (file) => truncateSync(file, 100)],
  ['has grown by garbage', (file) => appendFileSync(file, Buffer.alloc(1000, 7))],
  ['is garbage', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size, 7))],
])('the file of hashes is made again from the records where it %s', async (_how, damage) => {
  const { folder, secrets, stop } = await logOf(40);
  await stop();
  damage(join(folder, 'hashes'));
  const { audit } = await startAudit(folder, secrets);
  expect((await objects(audit)).slice(0, 40)).toHaveLength(40);
  expect(await audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'ok' });
  await audit.stop();
});

test(
  'checkpoints that are torn at any byte never stop a log, nor accuse it',
  { timeout: 60_000 },
  async () => {
    const { folder, secrets, audit, stop } = await logOf(3);
    await audit.handlers['audit.checkpoint']({}, owner);
    await note(audit, 'thing-3');
    await stop();
    const whole = readFileSync(join(folder, 'checkpoints.txt'));
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const copy = join(temporaryFolder(), 'copy');
      cpSync(folder, copy, { recursive: true });
      truncateSync(join(copy, 'checkpoints.txt'), cut);
      const again = await startAudit(copy, secrets);
      expect(again.raised).toEqual([]);
      await again.audit.stop();
    }
  },
);

test('a file of checkpoints that grew long is made short, and its newest stays the newest', () => {
  const file = join(temporaryFolder(), 'checkpoints.txt');
  const origin = 'signalbox.local/ab';
  const root = Buffer.alloc(32, 1).toString('base64');
  const one = (size: number) => `${origin}\n${size}\n${root}\n\n\u2014 ${origin} ${'A'.repeat(92)}\n\n`;
  writeFileSync(file, Array.from({ length: 6000 }, (_, size) => one(size)).join(''));
  expect(openCheckpointFile(file, origin).last).toEqual({ size: 5999, root });
  expect(statSync(file).size).toBeLessThan(64 * 1024);
  expect(openCheckpointFile(file, origin).last).toEqual({ size: 5999, root });
});

test('damage names the first record that does not follow', async () => {
  const { folder, secrets, stop } = await logOf(5);
  await stop();
  const file = onlySegment(folder);
  writeFileSync(file, readFileSync(file, 'utf8').replace('thing-2', 'thing-X'));
  const { audit, raised } = await startAudit(folder, secrets);
  expect(raised).toEqual(['audit-damaged']);
  // The changed record is well-formed: the one behind it is the first that does not follow.
  expect(await audit.handlers['audit.verify']({}, owner)).toMatchObject({
    verdict: 'broken-chain',
    firstBadSeq: 3,
  });
});

test('records that were changed together with the chain and the hashes are not believed', async () => {
  const { folder, secrets, stop } = await logOf(5);
  await stop();
  const file = onlySegment(folder);
  let prev: string | null = null;
  const forged = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const own: string = line
        .replace('thing-2', 'thing-X')
        .replace(/"prev":"[0-9a-f]+"/, (same) => (prev === null ? same : `"prev":"${prev}"`));
      prev = lineHash(own);
      return `${own}\n`;
    });
  writeFileSync(file, forged.join(''));
  rmSync(join(folder, 'hashes'));
  const { audit, raised } = await startAudit(folder, secrets);
  expect(raised).toEqual(['audit-damaged']);
  await expect(note(audit, 'later')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'broken-chain' });
});

test('a log whose folder was removed does not look like a new one', async () => {
  const { folder, secrets, stop } = await logOf(5);
  await stop();
  rmSync(folder, { recursive: true });
  cpSync(temporaryFolder(), folder, { recursive: true });
  const { audit, raised } = await startAudit(folder, secrets);
  expect(raised).toEqual(['audit-rolled-back']);
  expect(await objects(audit)).toEqual(['audit.rollback-detected']);
});

test('a new log that nobody used is no alarm, with a checkpoint or without', async () => {
  const { folder, secrets, stop } = await logOf(0);
  await stop();
  const second = await startAudit(folder, secrets);
  await second.audit.handlers['audit.checkpoint']({}, owner);
  await second.audit.stop();
  const third = await startAudit(folder, secrets);
  expect([...second.raised, ...third.raised]).toEqual([]);
});

test.each<[string, (base: { seq: number; prev: string }) => string]>([
  ['garbage', () => '\u0000\u0001'],
  ['empty', () => ''],
  ['of a record in the middle of a file', ({ prev }) => JSON.stringify({ seq: 4, prev })],
  ['beyond all records', ({ prev }) => JSON.stringify({ seq: 4000, prev })],
  ['of another chain', ({ seq }) => JSON.stringify({ seq, prev: 'a'.repeat(64) })],
])('a beginning that is %s removes nothing, and the log is read-only', async (_what, changed) => {
  const { folder, secrets, clock, audit, stop } = await logOf(10, { daily: true });
  await audit.handlers['audit.prune']({ keepDays: 7 }, owner);
  await stop();
  const file = join(folder, 'base.json');
  const base = JSON.parse(readFileSync(file, 'utf8')) as { seq: number; prev: string };
  const before = segments(folder);
  // Number 4 stands at the beginning of a file here, but does not follow what the base says.
  writeFileSync(file, changed(base));
  const again = await startAudit(folder, secrets, clock);
  expect(again.raised).toEqual(['audit-damaged']);
  expect(segments(folder)).toEqual(before);
  await expect(note(again.audit, 'later')).rejects.toMatchObject({ code: 'unavailable' });
});

test('an export that is written while old records go still verifies', async () => {
  const { audit } = await logOf(10, { daily: true });
  const file = join(temporaryFolder(), 'export.txt');
  const writing = audit.handlers['audit.export']({ file }, owner);
  await audit.handlers['audit.prune']({ keepDays: 4 }, owner);
  await writing;
  expect(verifyExport(readFileSync(file, 'utf8'))).toMatchObject({ verdict: 'ok' });
});

test('a filter compares instants as times, however they are written', async () => {
  const { audit, clock } = await logOf(0);
  clock.advance(500);
  await note(audit, 'half a second later');
  const at = async (fromAt: string) =>
    (await audit.handlers['audit.tail']({ limit: 10, filter: { fromAt } }, owner)).records.length;
  const second = new Date(Math.floor(clock.now() / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  expect(await at(second)).toBe(1);
  expect(await at(second.replace('Z', '.6Z'))).toBe(0);
});
