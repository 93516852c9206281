import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { ownerCaller } from '../../kernel/caller.ts';
import { handClock, memorySecrets, realRandom } from '../../testing/fake-ports.ts';
import { seeded } from '../../testing/seeded.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createAudit } from './audit.ts';

const long = process.env['SIGNALBOX_LONG'] === '1';
const KILLS = long ? 500 : 12;
const owner = ownerCaller('cli');
const script = join(
  process.cwd(),
  'node_modules',
  '.cache',
  'signalbox-test',
  `crash-writer-${process.pid}.mjs`,
);

beforeAll(async () => {
  await build({
    entryPoints: ['main/testing/audit-crash-writer.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile: script,
    logLevel: 'error',
  });
});

/** Lets the writers run until so many records were acknowledged, kills them, and tells what was acknowledged. */
function killedAfter(folder: string, round: number, acknowledgements: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (printed.split('\n').length > acknowledgements) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(printed.split('\n').slice(0, -1)));
  });
}

function reopen(folder: string) {
  return createAudit({
    folder,
    clock: handClock(),
    random: realRandom,
    secrets: memorySecrets(),
    keepDays: null,
    publish: () => {},
    raise: () => {},
  });
}

test('no acknowledged record is lost, wherever the writers are killed', { timeout: 3_600_000 }, async () => {
  const dice = seeded(20_261_121);
  let folder = temporaryFolder();
  let acknowledged: string[] = [];
  let [total, lost, torn] = [0, 0, 0];
  for (let round = 0; round < KILLS; round += 1) {
    // A log of its own now and then: looking through everything again and again is not what is measured.
    if (round % 25 === 0) [folder, acknowledged] = [temporaryFolder(), []];
    const now = await killedAfter(folder, round, dice(120));
    acknowledged.push(...now);
    total += now.length;
    const audit = reopen(folder);
    await audit.start();
    const seen = new Set<string>();
    for (let before: number | undefined; ;) {
      const { records } = await audit.handlers['audit.tail'](
        before === undefined ? { limit: 1000 } : { limit: 1000, beforeSeq: before },
        owner,
      );
      for (const record of records) {
        seen.add(record.object);
        if (record.type === 'audit.torn-tail') torn += 1;
      }
      before = records.at(-1)?.seq;
      if (before === undefined || before === 0) break;
    }
    lost += acknowledged.filter((object) => !seen.has(object)).length;
    expect(await audit.handlers['audit.verify']({}, owner)).toMatchObject({ verdict: 'ok' });
    await audit.stop();
  }
  process.stdout.write(
    `audit crash: ${KILLS} kills, ${total} records acknowledged, ${lost} lost, ${torn} torn tails seen and set aside\n`,
  );
  expect(lost).toBe(0);
  expect(total).toBeGreaterThan(KILLS);
});
