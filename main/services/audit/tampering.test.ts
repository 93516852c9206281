import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AuditFilter } from '../../../contract/audit.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { handClock, memorySecrets, realRandom } from '../../testing/fake-ports.ts';
import { seeded } from '../../testing/seeded.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createAudit } from './audit.ts';
import { verifyExport, type ExportVerdict } from './verify-export.ts';

const TAMPERINGS = process.env['SIGNALBOX_LONG'] === '1' ? 10_000 : 1500;
const RECORDS = 120;
const owner = ownerCaller('cli');

async function exportOf(filter?: AuditFilter): Promise<string[]> {
  const folder = temporaryFolder();
  const audit = createAudit({
    folder,
    secrets: memorySecrets(),
    clock: handClock(),
    random: realRandom,
    keepDays: null,
    publish: () => {},
    raise: () => {},
  });
  await audit.start();
  for (let i = 0; i < RECORDS; i += 1) {
    const type = i % 3 === 0 ? 'approval.denied' : 'exec.started';
    await audit.append({ actor: 'owner:cli', type, object: `thing-${i}`, facts: { i, note: 'é\u{1f6a6}' } });
  }
  const file = join(folder, 'export.txt');
  await audit.handlers['audit.export'](filter === undefined ? { file } : { file, filter }, owner);
  await audit.stop();
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

interface Tampered {
  readonly text: string;
  /** The first record that is not what it was; undefined where no single one is. */
  readonly seq: number | undefined;
}

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The ways to change an export. `at` is a record, `dice` a choice below a bound. */
const WAYS: readonly ((
  lines: readonly string[],
  other: readonly string[],
  at: number,
  dice: (n: number) => number,
) => Tampered)[] = [
  (lines, _other, at, dice) => {
    const line = lines[at + 1] ?? '';
    const position = dice(line.length);
    const replacement = ['0', '9', 'a', 'Z', '"', ' ', '\u00e9'].find((one) => one !== line[position]) ?? 'x';
    const edited = line.slice(0, position) + replacement + line.slice(position + 1);
    return { text: joined(lines.map((one, index) => (index === at + 1 ? edited : one))), seq: at };
  },
  (lines, _other, at) => ({ text: joined(lines.filter((_, index) => index !== at + 1)), seq: at }),
  (lines, _other, at) => ({
    text: joined([...lines.slice(0, at + 2), lines[at + 1] ?? '', ...lines.slice(at + 2)]),
    seq: at + 1,
  }),
  (lines, _other, at, dice) => {
    const to = (at + 1 + dice(lines.length - 2)) % (lines.length - 1);
    const swapped = [...lines];
    [swapped[at + 1], swapped[to + 1]] = [lines[to + 1] ?? '', lines[at + 1] ?? ''];
    return { text: joined(swapped), seq: Math.min(at, to) };
  },
  (lines, _other, at) => ({ text: joined(lines.slice(0, at + 1)), seq: at }),
  (lines, _other, at, dice) => {
    const line = lines[at + 1] ?? '';
    const text = joined(lines.slice(0, at + 1)) + line.slice(0, 1 + dice(line.length - 1));
    return { text, seq: undefined };
  },
  (lines, other, at) => ({
    text: joined(lines.map((line, index) => (index === at + 1 ? (other[at + 1] ?? '') : line))),
    seq: at,
  }),
  (lines, other, at) => ({ text: joined([...lines.slice(0, at + 1), ...other.slice(at + 1)]), seq: at }),
  (lines, other) => ({ text: joined([other[0] ?? '', ...lines.slice(1)]), seq: undefined }),
  (lines, _other, _at, dice) => {
    const header = lines[0] ?? '';
    const position = dice(header.length);
    const replacement = header[position] === 'A' ? 'B' : 'A';
    const edited = header.slice(0, position) + replacement + header.slice(position + 1);
    return { text: joined([edited, ...lines.slice(1)]), seq: undefined };
  },
];

const seqOf = (verdict: ExportVerdict): number | null =>
  verdict.verdict === 'ok' ? -1 : verdict.firstBadSeq;

test('every tampering of an export is found, and the first bad record is named', async () => {
  const [whole, other] = [await exportOf(), await exportOf()];
  expect(verifyExport(joined(whole))).toMatchObject({ verdict: 'ok', records: RECORDS, omitted: 0 });
  const dice = seeded(20_261_121);
  let [found, named, toName] = [0, 0, 0];
  for (let index = 0; index < TAMPERINGS; index += 1) {
    const way = WAYS[index % WAYS.length];
    const tampered = way?.(whole, other, dice(RECORDS), dice);
    if (tampered === undefined) continue;
    const verdict = verifyExport(tampered.text);
    if (verdict.verdict !== 'ok') found += 1;
    if (tampered.seq === undefined) continue;
    toName += 1;
    if (seqOf(verdict) === tampered.seq) named += 1;
    else expect({ way: index % WAYS.length, seq: tampered.seq, verdict }).toBeNull();
  }
  process.stdout.write(
    `audit tampering: ${found} of ${TAMPERINGS} found, first bad record named in ${named} of ${toName}\n`,
  );
  expect([found, named]).toEqual([TAMPERINGS, toName]);
});

test('every tampering of a filtered export is found too', async () => {
  const [part, other] = [await exportOf({ types: ['approval'] }), await exportOf()];
  expect(verifyExport(joined(part))).toMatchObject({ verdict: 'ok', records: 40, omitted: 80 });
  const dice = seeded(7);
  let found = 0;
  for (let index = 0; index < TAMPERINGS; index += 1) {
    const tampered = WAYS[index % WAYS.length]?.(part, other, dice(RECORDS), dice);
    if (tampered !== undefined && verifyExport(tampered.text).verdict !== 'ok') found += 1;
  }
  process.stdout.write(`audit tampering, filtered: ${found} of ${TAMPERINGS} found\n`);
  expect(found).toBe(TAMPERINGS);
});

test('a record that is left out of an export unseen is found: it has a hash, or the number does not fit', async () => {
  const whole = await exportOf();
  const hidden = whole.map((line, index) => (index === 6 ? line.split(' ').slice(0, 2).join(' ') : line));
  // Leaving out and saying so is what a filter does.
  expect(verifyExport(joined(hidden))).toMatchObject({ verdict: 'ok', records: RECORDS - 1, omitted: 1 });
  const gone = hidden.filter((_, index) => index !== 6);
  expect(verifyExport(joined(gone))).toMatchObject({ verdict: 'missing-records', firstBadSeq: 5 });
});
