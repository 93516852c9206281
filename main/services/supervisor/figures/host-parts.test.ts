import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { supervisorCommands } from '../../../../contract/supervisor.ts';
import { figureCommands } from '../../../../contract/figures.ts';
import type { ProcessGroup } from '../../../kernel/process-groups.ts';
import { bundleShim } from '../../../testing/bundle.ts';
import { createBench, owner, shell, type Bench } from '../fakes.ts';

let bench: Bench;
afterEach(() => bench.end());

const hostProcess = { pid: process.pid, startedAt: Date.parse('2026-01-02T03:04:05Z') };

const start = (script: string, name = 'demo'): Promise<ProcessGroup> =>
  bench.processGroups.spawn({
    argv: [process.execPath, '-e', script],
    ...{ cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '' }, label: `agent ${name}` },
    part: { kind: name === '' ? 'tunnel' : 'agent', name, purpose: name === '' ? '' : 'task t1' },
  });

const figures = async () =>
  figureCommands['supervisor.figures'].output.parse(await bench.call['supervisor.figures']({}, owner));
const output = (id: string) => bench.call['supervisor.readPartOutput']({ id }, owner);
const idOf = (name: string) => bench.processGroups.parts.live().find((part) => part.name === name)?.id ?? '';

async function said(stream: Readable, what: string): Promise<void> {
  let text = '';
  while (!text.includes(what)) text += String((await once(stream, 'data'))[0]);
}

const listening = `const s = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log('port ' + s.address().port));`;

test.skipIf(process.platform !== 'linux')(
  'host, shim, tunnel and agents are measured apart from each other and from the managed processes',
  async () => {
    bench = createBench({ shim: await bundleShim(), more: { hostProcess } });
    await bench.supervisor.start();
    const alone = (await figures()).parts;
    expect(alone).toMatchObject([{ id: 'host', kind: 'host', pid: process.pid }]);
    expect(alone[0]?.startedAt).toBe('2026-01-02T03:04:05.000Z');

    const web = shell('web', 'sleep 60 & wait');
    await bench.call['supervisor.run'](supervisorCommands['supervisor.run'].input.parse(web), owner);
    const agent = await start(
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(listening)}], { stdio: 'inherit' })`,
    );
    await said(agent.stdout, 'port ');
    const tunnel = await start("console.log('up'); setInterval(() => {}, 1e6)", '');
    await said(tunnel.stdout, 'up');
    const git = await bench.processGroups.spawn({
      ...{ argv: ['sleep', '60'], cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '' }, label: 'git' },
    });

    await expect
      .poll(async () => (await figures()).parts.map(({ kind }) => kind), { timeout: 8000 })
      .toEqual(['host', 'shim', 'tunnel', 'agent']);
    const { parts, processes } = await figures();
    const [host, shim, cloudflared, demo] = parts;
    expect(processes).toMatchObject([{ name: 'web', processes: 2 }]);
    expect(demo).toMatchObject({ name: 'demo', purpose: 'task t1', pid: agent.pid, processes: 2 });
    expect(demo?.ports).toHaveLength(1);
    expect(host?.ports).not.toContain(demo?.ports[0]);
    expect(cloudflared).toMatchObject({ name: '', pid: tunnel.pid, processes: 1, ports: [] });
    // What comes and goes is the host's own.
    expect(host?.processes).toBe((alone[0]?.processes ?? 0) + 1);
    expect(shim).toMatchObject({ pid: bench.supervisor.shimPid(), processes: 1 });
    expect(Math.abs(Date.parse(shim?.startedAt ?? '') - Date.now())).toBeLessThan(60_000);
    for (const part of parts) expect(part.samples.at(-1)?.memory).toBeGreaterThan(1e6);
    await git.stop();
  },
);

test('the last output of a part is read while it lives and after its end, its secrets replaced', async () => {
  bench = createBench({ more: { hostProcess } });
  // The secret begins before the cut, which lies within a character of three bytes.
  const agent = await start(`
    const tail = Buffer.alloc(65536 - 4, 'x');
    process.stderr.write(Buffer.concat([Buffer.from('old '), Buffer.alloc(200000, 0xff), Buffer.from('hunter2€'), tail]));
    process.stderr.write('\\n', () => process.stdout.write('said'));
    process.stdin.on('end', () => process.exit(7)).resume();
  `);
  const id = idOf('demo');
  agent.stderr.resume();
  await said(agent.stdout, 'said');
  await expect.poll(async () => (await output(id)).text.at(-1)).toBe('\n');
  const before = await output(id);
  expect(before.text).not.toMatch(/hunter|nter2/);
  expect(before.text.slice(-10)).toBe('xxxxxxxxx\n');
  expect(Buffer.byteLength(before.text)).toBeLessThanOrEqual(65_536);
  expect(before.missing + Buffer.byteLength(before.text)).toBeGreaterThanOrEqual(200_000);

  agent.stdin.end();
  await agent.exited;
  expect(await output(id)).toEqual(before);
  const { ended, parts } = await figures();
  expect(parts.map(({ kind }) => kind)).toEqual(['host']);
  expect(ended).toMatchObject([{ id, name: 'demo', exitCode: 7, signal: null }]);
});

test('output that is short is whole, and what is no UTF-8 is shown as such', async () => {
  bench = createBench();
  const agent = await start('process.stderr.write(Buffer.from([0x61, 0xff, 0x00, 0xc3, 0xa9, 0xe2, 0x82]))');
  const id = idOf('demo');
  agent.stderr.resume();
  await agent.exited;
  expect(await output(id)).toEqual({ text: 'a\ufffd\u0000é\ufffd', missing: 0 });
});

test('the output of what the host does not know is refused', async () => {
  bench = createBench({ more: { hostProcess } });
  for (const id of ['host', 'agent-1-1'])
    await expect(async () => output(id)).rejects.toMatchObject({ code: 'not_found' });
});
