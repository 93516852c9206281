import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { pair } from './testing/journey.ts';
import { seeded } from './testing/seeded.ts';
import { expectedRestrictions, type ChildLine, type Expected } from './testing/state-crash.ts';
import { temporaryFolder } from './testing/temporary.ts';
import { startTestHost } from './testing/test-host.ts';

const long = process.env['SIGNALBOX_LONG'] === '1';
const KILLS = long ? 1000 : 6;
const PHONES = 6;
/** So many kills to one home: later ones start from what the earlier ones left. */
const KILLS_PER_HOME = 20;
const START_MS = 30_000;
const child = join(
  process.cwd(),
  'node_modules',
  '.cache',
  'signalbox-test',
  `state-crash-${process.pid}.mjs`,
);

beforeAll(async () => {
  await build({
    entryPoints: ['main/testing/state-crash-child.ts'],
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm' },
    outfile: child,
    logLevel: 'error',
  });
});

/** A home with a few phones that are admitted. */
async function pairedHome(): Promise<string> {
  const host = await startTestHost({ config: 'secrets:\n  store: file\n' });
  for (let count = 0; count < PHONES; count += 1) await pair(host);
  await host.host.stop();
  return host.root;
}

function copyOf(home: string): string {
  const copy = join(temporaryFolder(), 'home');
  mkdirSync(copy, { mode: 0o700 });
  for (const name of ['state.db', 'state.db-wal', 'state.db-shm', 'audit', 'secrets', 'config.yaml'])
    if (existsSync(join(home, name))) cpSync(join(home, name), join(copy, name), { recursive: true });
  return copy;
}

function crashReports(home: string): string {
  const logs = join(home, 'logs');
  const names = existsSync(logs) ? readdirSync(logs).filter((name) => name.startsWith('crash-')) : [];
  return names.map((name) => readFileSync(join(logs, name), 'utf8')).join('\n');
}

interface Round {
  /** How many restrictions were looked for: none when it died before it could tell what it found. */
  readonly compared: number;
  readonly missing: readonly string[];
  readonly acknowledged: number;
}

/**
 * Starts the host, compares what it finds with what must be there, and kills it `afterMs` after that, or after its
 * first moment when it is to die while it starts.
 */
function killed(
  home: string,
  { seed, afterMs, starting }: { seed: number; afterMs: number; starting: boolean },
  expected: Expected,
): Promise<Round> {
  const host = spawn(process.execPath, [child, home, String(seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      XDG_STATE_HOME: join(home, 'outside'),
      DBUS_SESSION_BUS_ADDRESS: '',
      XDG_RUNTIME_DIR: '',
    },
  });
  let errors = '';
  let missing: readonly string[] | null = null;
  let [acknowledged, compared] = [0, 0];
  const kill = () => void host.kill('SIGKILL');
  let killer = starting ? setTimeout(kill, afterMs) : null;
  const stuck = setTimeout(kill, START_MS);
  host.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines = createInterface({ input: host.stdout });
  lines.on('line', (text) => {
    const line = JSON.parse(text) as ChildLine;
    if (line.at === 'found') {
      compared = expected.count;
      missing = expected.missingIn(line.found);
      if (line.audit.state !== 'ok') missing = [...missing, 'audit'];
      killer ??= setTimeout(kill, afterMs);
      return;
    }
    expected.note(line);
    if (line.at === 'done') acknowledged += 1;
  });
  return new Promise((resolve, reject) => {
    host.once('error', reject);
    // The last lines are read after the process is gone.
    lines.once('close', () => {
      clearTimeout(stuck);
      if (killer !== null) clearTimeout(killer);
      if ((missing === null && !starting) || errors !== '')
        reject(new Error(`round ${seed}: the host did not start, or failed: ${errors}${crashReports(home)}`));
      else resolve({ missing: missing ?? [], acknowledged, compared });
    });
  });
}

test(
  'no acknowledged restriction is lost, wherever the host is killed',
  { timeout: long ? 3_600_000 : 60_000 },
  async () => {
    const paired = await pairedHome();
    const dice = seeded(20_261_121);
    let [home, expected] = [copyOf(paired), expectedRestrictions()];
    let [acknowledged, compared] = [0, 0];
    const missing: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      if (round % KILLS_PER_HOME === 0) [home, expected] = [copyOf(paired), expectedRestrictions()];
      // Every fourth dies while it starts: recovery is written too. What the last one of a home left is looked at too.
      const last = round % KILLS_PER_HOME === KILLS_PER_HOME - 1 || round === KILLS - 1;
      const starting = round % 4 === 1 && !last;
      const afterMs = starting ? 200 + dice(800) : dice(250);
      const result = await killed(home, { seed: round, afterMs, starting }, expected);
      for (const one of [
        result,
        ...(last ? [await killed(home, { seed: round, afterMs: 0, starting: false }, expected)] : []),
      ]) {
        acknowledged += one.acknowledged;
        compared += one.compared;
        missing.push(...one.missing);
      }
    }
    process.stdout.write(
      `state crash: ${KILLS} kills, ${acknowledged} changes acknowledged, ${compared} restrictions compared, ${missing.length} lost\n`,
    );
    expect(missing).toEqual([]);
    // How much a host gets done before it dies depends on the machine; that nothing was looked at must not pass.
    expect(acknowledged).toBeGreaterThan(0);
    expect(compared).toBeGreaterThan(0);
  },
);
