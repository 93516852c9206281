import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostEvent } from '../../../contract/host-state.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { handClock, memorySecrets, realRandom } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createAudit, type Audit } from './audit.ts';
import { addLeaf, emptyFrontier, leafHash, rootOf } from './merkle.ts';
import { verifyExport } from './verify-export.ts';

const owner = ownerCaller('cli');

function openAudit(
  folder: string,
  secrets = memorySecrets(),
  clock = handClock(),
  keepDays: number | null = null,
) {
  const events: HostEvent[] = [];
  const raised: string[] = [];
  const audit = createAudit({
    folder,
    secrets,
    clock,
    keepDays,
    random: realRandom,
    publish: (event) => void events.push(event),
    raise: (kind) => void raised.push(kind),
  });
  return { audit, events, raised };
}

async function fill(audit: Audit, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      audit.append({ actor: 'owner:cli', type: 'test.happened', object: `thing-${i}`, facts: { i } }),
    ),
  );
}

async function exported(folder: string, count: number): Promise<string> {
  const { audit } = openAudit(folder);
  await audit.start();
  await fill(audit, count);
  const file = join(folder, 'export.txt');
  await audit.handlers['audit.export']({ file }, owner);
  await audit.stop();
  return readFileSync(file, 'utf8');
}

test('an export of what was recorded verifies, and names how much it holds', async () => {
  const text = await exported(temporaryFolder(), 300);
  expect(verifyExport(text)).toMatchObject({ verdict: 'ok', records: 300 });
});

test('an empty log exports and verifies', async () => {
  expect(verifyExport(await exported(temporaryFolder(), 0))).toMatchObject({ verdict: 'ok', records: 0 });
});

test('another key than the trusted one is not taken', async () => {
  const text = await exported(temporaryFolder(), 3);
  expect(verifyExport(text, { trustedKey: Buffer.alloc(32, 1).toString('base64') })).toMatchObject({
    verdict: 'untrusted-key',
  });
});

test('any single changed character of an export is found', async () => {
  const text = await exported(temporaryFolder(), 20);
  expect(verifyExport(text)).toMatchObject({ verdict: 'ok' });
  fc.assert(
    fc.property(
      fc.nat({ max: text.length - 1 }),
      fc.constantFrom('0', 'a', '"', '\n', ' '),
      (at, replacement) => {
        fc.pre(text[at] !== replacement);
        const tampered = text.slice(0, at) + replacement + text.slice(at + 1);
        expect(verifyExport(tampered).verdict).not.toBe('ok');
      },
    ),
    { numRuns: 2000 },
  );
});

test('a record that was left out, doubled or moved is found, with the first bad record named', async () => {
  const lines = (await exported(temporaryFolder(), 20)).split('\n');
  const record = (seq: number) => lines[seq + 1] ?? '';
  const without = lines.filter((line) => line !== record(7)).join('\n');
  expect(verifyExport(without)).toMatchObject({ verdict: 'missing-records', firstBadSeq: 7 });
  const doubled = [...lines.slice(0, 9), record(7), ...lines.slice(9)].join('\n');
  expect(verifyExport(doubled)).toMatchObject({ firstBadSeq: 8 });
  const swapped = lines
    .map((line) => (line === record(3) ? record(4) : line === record(4) ? record(3) : line))
    .join('\n');
  expect(verifyExport(swapped)).toMatchObject({ firstBadSeq: 3 });
  const cut = [...lines.slice(0, -3), ''].join('\n');
  expect(verifyExport(cut)).toMatchObject({ verdict: 'missing-records' });
});

test('a log goes on after a restart, in one chain', async () => {
  const folder = temporaryFolder();
  const secrets = memorySecrets();
  const first = openAudit(folder, secrets);
  await first.audit.start();
  await fill(first.audit, 5);
  await first.audit.stop();
  const second = openAudit(folder, secrets);
  await second.audit.start();
  await fill(second.audit, 5);
  expect(await second.audit.handlers['audit.verify']({}, owner)).toMatchObject({
    verdict: 'ok',
    records: 10,
  });
  expect(second.raised).toEqual([]);
});

test('a last line that a crash tore is set aside and told, and nothing else is lost', async () => {
  const folder = temporaryFolder();
  const first = openAudit(folder);
  await first.audit.start();
  await fill(first.audit, 5);
  await first.audit.stop();
  const segment = join(folder, readdirSync(folder).find((name) => name.startsWith('audit-')) ?? '');
  appendFileSync(segment, '{"actor":"half a rec');
  const second = openAudit(folder);
  await second.audit.start();
  expect(second.raised).toEqual(['state-repaired']);
  const { records } = await second.audit.handlers['audit.tail']({ limit: 10 }, owner);
  expect(records.map((record) => record.type)).toContain('audit.torn-tail');
  expect(records).toHaveLength(6);
});

test('damage in the middle makes the log read-only: it is neither cut nor continued', async () => {
  const folder = temporaryFolder();
  const first = openAudit(folder);
  await first.audit.start();
  await fill(first.audit, 5);
  await first.audit.stop();
  const segment = join(folder, readdirSync(folder).find((name) => name.startsWith('audit-')) ?? '');
  const before = readFileSync(segment, 'utf8').replace('thing-2', 'thing-X');
  writeFileSync(segment, before);
  const second = openAudit(folder);
  await second.audit.start();
  expect(second.raised).toEqual(['audit-damaged']);
  await expect(fill(second.audit, 1)).rejects.toMatchObject({ code: 'unavailable' });
  expect(readFileSync(segment, 'utf8')).toBe(before);
  expect(second.audit.status().state).toBe('read-only');
});

test('a log that lost whole records after a checkpoint raises an alarm', async () => {
  const folder = temporaryFolder();
  const first = openAudit(folder);
  await first.audit.start();
  await fill(first.audit, 5);
  await first.audit.stop();
  const segment = join(folder, readdirSync(folder).find((name) => name.startsWith('audit-')) ?? '');
  const lines = readFileSync(segment, 'utf8').split('\n');
  truncateSync(segment, Buffer.byteLength(`${lines.slice(0, 3).join('\n')}\n`));
  const second = openAudit(folder);
  await second.audit.start();
  expect(second.raised).toEqual(['audit-rolled-back']);
});

test('control characters cannot break a line apart', async () => {
  const folder = temporaryFolder();
  const { audit } = openAudit(folder);
  await audit.start();
  await audit.append({
    actor: 'mcp:x\n{"seq":9}',
    type: 'test.happened',
    object: 'a\u202eb',
    facts: { note: 'x\ny' },
  });
  const { records } = await audit.handlers['audit.tail']({ limit: 5 }, owner);
  expect(records[0]).toMatchObject({ actor: 'mcp:x {"seq":9}', object: 'a b', facts: { note: 'x y' } });
});

test('the Merkle roots are those of RFC 6962', () => {
  // The test vectors of Certificate Transparency: these eight leaves, and the roots of the first n of them.
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  let frontier = emptyFrontier;
  expect(Buffer.from(rootOf(frontier)).toString('hex')).toBe(roots[0]);
  leaves.forEach((leaf, index) => {
    frontier = addLeaf(frontier, leafHash(Buffer.from(leaf, 'hex')));
    expect(Buffer.from(rootOf(frontier)).toString('hex')).toBe(roots[index + 1]);
  });
});
