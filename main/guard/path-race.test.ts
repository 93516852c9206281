import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from './guarded-read.ts';
import { openRoot } from './path-guard.ts';

// The attacker: swaps a directory for a link to the outside, and a file for a link to a secret, as fast as it can.
const attacker = `
  const { workerData } = require('node:worker_threads');
  const fs = require('node:fs');
  const { base, flag } = workerData;
  const at = (name) => base + '/ws/' + name;
  const swap = (name) => {
    fs.renameSync(at(name), at(name + '.real'));
    fs.renameSync(at(name + '.link'), at(name));
    fs.renameSync(at(name), at(name + '.link'));
    fs.renameSync(at(name + '.real'), at(name));
  };
  while (Atomics.load(flag, 0) === 0) { swap('d'); swap('f'); Atomics.add(flag, 1, 1); }
`;
const milliseconds = Number(process.env['GUARD_RACE_MS'] ?? 1000);
let base: string;
let stop: () => Promise<number>;

beforeEach(async () => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'race-'));
  for (const directory of ['ws/d', 'out']) fs.mkdirSync(join(base, directory), { recursive: true });
  for (const file of ['ws/d/f', 'ws/f']) fs.writeFileSync(join(base, file), 'inside');
  fs.writeFileSync(join(base, 'out/f'), 'OUTSIDE');
  fs.symlinkSync('../out', join(base, 'ws/d.link'));
  fs.symlinkSync('../out/f', join(base, 'ws/f.link'));
  const flag = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(attacker, { eval: true, workerData: { base, flag } });
  const finished = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await expect.poll(() => Atomics.load(flag, 1), { timeout: 5000 }).toBeGreaterThan(0);
  stop = async () => {
    Atomics.store(flag, 0, 1);
    await finished;
    return Atomics.load(flag, 1);
  };
});

afterEach(async () => {
  await stop();
  fs.rmSync(base, { recursive: true, force: true });
});

test.runIf(process.platform === 'linux')(
  'a racing attacker never gets outside content, and no write lands outside',
  async () => {
    const root = openRoot(join(base, 'ws'));
    const tally = { reads: 0, refused: 0, writes: 0, naive: 0, naiveLeaks: 0 };
    const deadline = performance.now() + milliseconds;
    let leaks = 0;
    while (performance.now() < deadline) {
      for (const path of ['d/f', 'f']) {
        const content = await root.readFile(path).catch(() => null);
        tally.reads += 1;
        if (content === null) tally.refused += 1;
        else if (content.bytes.toString() !== 'inside') leaks += 1;
        // A write costs two fsyncs; the reads are what must be many.
        if (tally.reads % 51 < 2) {
          const name = path === 'f' ? 'f' : `d/new-${tally.reads}`;
          const expectedSha256 = path === 'f' ? sha256(Buffer.from('inside')) : null;
          await root.writeFile(name, Buffer.from('inside'), { expectedSha256 }).then(
            () => (tally.writes += 1),
            () => undefined,
          );
        }
        tally.naive += 1;
        if (readNaively(join(base, 'ws'), path) === 'OUTSIDE') tally.naiveLeaks += 1;
      }
    }
    root.close();
    const swaps = await stop();
    process.stdout.write(
      `race ${milliseconds} ms: ${swaps} swaps, ${JSON.stringify(tally)}, ${leaks} leaks\n`,
    );
    expect(leaks).toBe(0);
    expect(tally.reads - tally.refused).toBeGreaterThan(0);
    expect(fs.readdirSync(join(base, 'out'))).toEqual(['f']);
    expect(fs.readFileSync(join(base, 'out/f'), 'utf8')).toBe('OUTSIDE');
  },
);

/** What the guard must not be: resolve, check the prefix, then open by name. Its leaks show that the attack is real. */
function readNaively(workspace: string, path: string): string | null {
  try {
    const real = fs.realpathSync(join(workspace, path));
    return real.startsWith(`${workspace}/`) ? fs.readFileSync(join(workspace, path), 'utf8') : null;
  } catch {
    return null;
  }
}
