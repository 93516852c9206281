import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleShim } from '../../testing/bundle.ts';
import { isRunning, written, writtenPid } from '../../testing/real-processes.ts';
import { createBench, owner, realClock, shell, viewer, type Bench } from './fakes.ts';
import { createProcessScan } from './shim/run-members.ts';

const forever = 'while :; do sleep 0.05; done';
const MIB = 1024 * 1024;
/** What a fault may cost the host and its shim, above what they had. */
const MEMORY = 128 * MIB;
const ANSWER_MS = 100;

let shim = '';
let bench: Bench;
let watch: ReturnType<typeof watchAnswers>;
let memoryBefore = 0;

beforeAll(async () => {
  shim = await bundleShim();
});
beforeEach(async () => {
  bench = createBench({ shim });
  await bench.call['supervisor.run'](
    shell('bystander', `echo here; ${forever}`, { ready: { kind: 'text', text: 'here' } }),
    owner,
  );
  await wait('bystander', { kind: 'ready' });
  memoryBefore = memoryOf(bench.supervisor.shimPid() ?? 0);
  watch = watchAnswers();
});
afterEach(async (context) => {
  const answers = watch.end();
  const shimPid = bench.supervisor.shimPid() ?? 0;
  const grown = memoryOf(shimPid) - memoryBefore;
  await bench.call['supervisor.stopAll']({}, owner);
  const left = processesOf(bench);
  const zombies = zombiesOf(shimPid, process.pid);
  await bench.end();
  process.stdout.write(
    `fault "${context.task.name}": ${left.length} orphans, ${zombies.length} zombies, ` +
      `shim ${Math.round(grown / MIB)} MiB more, other commands in ${answers.worst.toFixed(0)} ms at worst (${answers.count} asked)\n`,
  );
  expect(left).toEqual([]);
  expect(zombies).toEqual([]);
  expect(grown).toBeLessThan(MEMORY);
  expect(answers.late).toBeLessThan(ANSWER_MS);
});

const wait: Bench['wait'] = (...given) => bench.wait(...given);
const folderOf = (name: string) => join(bench.folder, 'logs', name);
const sizeOf = (name: string) =>
  readdirSync(folderOf(name))
    .filter((file) => /^stdout\.log(\.\d+)?$/.test(file))
    .reduce((sum, file) => sum + statSync(join(folderOf(name), file)).size, 0);

/** Asks the host small things all the time. `late`: what all but one in twenty were faster than. */
function watchAnswers() {
  const took: number[] = [];
  let over = false;
  const ask = async (): Promise<void> => {
    while (!over) {
      const from = performance.now();
      try {
        const piece = { name: 'bystander', stream: 'stdout', offset: 0, maxBytes: 100 } as const;
        await bench.call['supervisor.readLog'](piece, viewer);
      } catch {
        // A test has removed the logs: that there are none is an answer too.
      }
      await wait('bystander', { kind: 'ready' });
      took.push(performance.now() - from);
      // No wait for anything: a hundred questions a second is the load. Without a pause they would be the load that
      // is measured, for the host lives in this process.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  void ask();
  return {
    end() {
      over = true;
      const sorted = took.sort((a, b) => a - b);
      return {
        count: sorted.length,
        worst: sorted.at(-1) ?? 0,
        late: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
      };
    },
  };
}

/** Memory that is this process's own, in bytes. */
function memoryOf(pid: number): number {
  const kib = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** Whoever lives and carries the mark of a run of this bench. */
function processesOf({ ids }: Bench): number[] {
  return createProcessScan()
    .all()
    .filter(({ mark }) => mark?.startsWith(ids) === true)
    .map(({ pid }) => pid);
}

function zombiesOf(...parents: number[]): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' && parents.includes(Number(parent)) ? [stat] : [];
    } catch {
      return [];
    }
  });
}

test('a child that ignores TERM is killed after its grace', async () => {
  await bench.call['supervisor.run'](
    shell('deaf', `trap '' TERM; echo up; ${forever}`, { stopGraceMs: 300 }),
    owner,
  );
  await wait('deaf', { kind: 'text', text: 'up' });
  const from = performance.now();
  expect(await bench.call['supervisor.stop']({ name: 'deaf' }, owner)).toMatchObject({ state: 'stopped' });
  expect(performance.now() - from).toBeGreaterThan(290);
  expect(performance.now() - from).toBeLessThan(3000);
});

test('a child that forks and leaves takes nobody along', async () => {
  const leaver = `setsid sh -c 'sh -c "trap \\"\\" TERM HUP; echo \\$\\$ > left; ${forever}" & exit 0' & sleep 0.2`;
  await bench.call['supervisor.run'](shell('fork', leaver, { cwd: bench.folder }), owner);
  await wait('fork', { kind: 'exit' });
  const pid = Number(readFileSync(join(bench.folder, 'left'), 'utf8'));
  expect(pid).toBeGreaterThan(0);
  expect(isRunning(pid)).toBe(false);
});

test('what a child has put into another session ends with a stop of the child', async () => {
  const keeper = `setsid sh -c 'echo $$ > left; ${forever}' & echo up; ${forever}`;
  await bench.call['supervisor.run'](shell('fork', keeper, { cwd: bench.folder }), owner);
  await wait('fork', { kind: 'text', text: 'up' });
  const pid = await writtenPid(join(bench.folder, 'left'));
  await bench.call['supervisor.stop']({ name: 'fork' }, owner);
  expect(isRunning(pid)).toBe(false);
});

test('a grandchild that keeps the pipe open and cannot be found holds up nothing', async () => {
  const line = `env -i PATH=$PATH setsid sh -c 'echo $$ > left; ${forever}' & while [ ! -s left ]; do sleep 0.01; done; exit 5`;
  await bench.call['supervisor.run'](shell('hider', line, { cwd: bench.folder }), owner);
  const from = performance.now();
  await wait('hider', { kind: 'exit' });
  expect(bench.state('hider')).toMatchObject({ state: 'exited', exitCode: 5 });
  expect(performance.now() - from).toBeLessThan(3000);
  process.kill(Number(readFileSync(join(bench.folder, 'left'), 'utf8')), 'SIGKILL');
});

test('a child that closes its streams is watched to its end', async () => {
  await bench.call['supervisor.run'](shell('closed', 'exec <&- >&- 2>&-; sleep 0.3; exit 3'), owner);
  expect(bench.state('closed')?.state).toBe('running');
  await wait('closed', { kind: 'exit' });
  expect(bench.state('closed')).toMatchObject({ state: 'exited', exitCode: 3 });
});

test('a child that ends at once, again and again, is held back and named a crash loop', async () => {
  const restart = { mode: 'always', maxRestarts: 4, delayMs: 0 } as const;
  await bench.call['supervisor.run'](shell('loop', 'exit 1', { restart }), owner);
  await bench.until(() => bench.state('loop')?.state === 'failed');
  expect(bench.state('loop')).toMatchObject({ restarts: 4, crashLoop: true });
});

test('bytes that are no text arrive as they are', async () => {
  const script = 'process.stdout.write(Buffer.from([0xff,0xfe,0,0x80,10,0xc3,0x28,0,13,10,0xe2,0x82]))';
  await bench.call['supervisor.run'](
    { ...shell('bytes', ''), argv: [process.execPath, '-e', script] },
    owner,
  );
  await wait('bytes', { kind: 'exit' });
  expect([...readFileSync(join(folderOf('bytes'), 'stdout.log'))]).toEqual([
    0xff, 0xfe, 0, 0x80, 10, 0xc3, 0x28, 0, 13, 10, 0xe2, 0x82,
  ]);
});

test('a line of 100 MB is kept and found in', async () => {
  const script =
    "const b=Buffer.alloc(1e6,120);let n=0;const go=()=>n++<100?process.stdout.write(b,go):process.stdout.write('THE END');go()";
  await bench.call['supervisor.run'](
    { ...shell('long', ''), argv: [process.execPath, '-e', `setTimeout(()=>{${script}},200)`] },
    owner,
  );
  const found = wait('long', { kind: 'text', text: 'THE END' }, 60_000);
  await wait('long', { kind: 'exit' }, 60_000);
  expect(await found).toMatchObject({ outcome: 'happened' });
  expect(sizeOf('long')).toBe(100_000_007);
}, 90_000);

test('a million lines as fast as they come are all kept', async () => {
  const from = performance.now();
  await bench.call['supervisor.run'](
    shell('flood', `yes "$(head -c 99 /dev/zero | tr '\\0' x)" | head -n 1000000`),
    owner,
  );
  await wait('flood', { kind: 'exit' }, 60_000);
  const seconds = (performance.now() - from) / 1000;
  expect(sizeOf('flood')).toBe(100_000_000);
  process.stdout.write(`1000000 lines of 100 bytes: ${seconds.toFixed(2)} s until they are in the log\n`);
}, 90_000);

test('a full disk costs the child nothing and is said', async () => {
  mkdirSync(folderOf('full'), { recursive: true });
  symlinkSync('/dev/full', join(folderOf('full'), 'stdout.log'));
  await bench.call['supervisor.run'](
    shell(
      'full',
      `i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "line $i of many"; done; touch done; ${forever}`,
      {
        cwd: bench.folder,
      },
    ),
    owner,
  );
  await bench.until(() => (bench.state('full')?.logsLost ?? 0) > 40_000);
  await written(join(bench.folder, 'done'));
  expect(bench.state('full')).toMatchObject({ state: 'running' });
});

test('a folder of logs that is removed comes back, and the child goes on', async () => {
  const go = join(bench.folder, 'go');
  await bench.call['supervisor.run'](
    shell('gone', `echo one; while [ ! -e ${go} ]; do sleep 0.02; done; echo two; ${forever}`),
    owner,
  );
  await wait('gone', { kind: 'text', text: 'one' });
  rmSync(join(bench.folder, 'logs'), { recursive: true });
  const waiting = wait('gone', { kind: 'text', text: 'two' });
  writeFileSync(go, '');
  expect((await waiting).outcome).toBe('happened');
  expect(readFileSync(join(folderOf('gone'), 'stdout.log'), 'utf8')).toContain('two\n');
});

test('a clock that jumps neither hurries nor delays a restart', async () => {
  let shift = 0;
  const clock = { ...realClock, now: () => Date.now() + shift };
  const jumping = createBench({ clock, shim });
  const restart = { mode: 'always', maxRestarts: 10, delayMs: 300 } as const;
  await jumping.call['supervisor.run'](shell('jump', 'sleep 0.05', { restart }), owner);
  const starts: number[] = [];
  for (const days of [365, -730]) {
    await jumping.until(() => jumping.state('jump')?.state === 'backing-off');
    const from = performance.now();
    shift += days * 86_400_000;
    await jumping.until(() => jumping.state('jump')?.state === 'running');
    starts.push(performance.now() - from);
  }
  await jumping.end();
  for (const took of starts) expect(took).toBeGreaterThan(150);
  for (const took of starts) expect(took).toBeLessThan(3000);
});

test('200 processes started and stopped at once', async () => {
  const names = Array.from({ length: 200 }, (_value, index) => `p${index}`);
  const from = performance.now();
  await Promise.all(
    names.map(async (name) => bench.call['supervisor.run'](shell(name, 'exec sleep 1000'), owner)),
  );
  const started = performance.now();
  expect(bench.supervisor.snapshot().filter(({ state }) => state === 'running')).toHaveLength(200);
  await Promise.all(names.map(async (name) => bench.call['supervisor.stop']({ name }, owner)));
  const stopped = performance.now();
  expect(bench.supervisor.snapshot().filter(({ state }) => state === 'stopped')).toHaveLength(200);
  const ms = (value: number) => `${Math.round(value)} ms`;
  process.stdout.write(
    `200 processes: started in ${ms(started - from)}, stopped in ${ms(stopped - started)}\n`,
  );
}, 60_000);
