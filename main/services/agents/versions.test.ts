import { mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeviceId } from '../../../contract/ids.ts';
import { deviceCaller } from '../../kernel/caller.ts';
import { createProcessTable } from '../../kernel/process-table.ts';
import { owner, bench, program, write } from '../../testing/agents-bench.ts';
import { packageVersion, versionIn } from './package-version.ts';

const listed = async (agents: ReturnType<typeof bench>['agents'], versions: boolean) => {
  const { agents: all } = await agents.handlers['agents.list']({ versions }, owner);
  return Object.fromEntries(all.map(({ name, version }) => [name, version]));
};

/** A program as npm installs it: a link in a bin folder to a file of a package. */
function installed(
  bin: string,
  root: string,
  name: string,
  manifest: object,
  file = 'dist/index.js',
): string {
  const folder = join(root, 'lib/node_modules', `@maker/${name}`);
  write(join(folder, 'package.json'), JSON.stringify(manifest));
  const script = join(folder, file);
  mkdirSync(join(script, '..'), { recursive: true });
  write(script, '#!/bin/sh\necho asked >> "$0.asked"\necho 9.9.9\n', 0o755);
  symlinkSync(script, join(bin, name));
  return script;
}

test('the version of a package is read from its package.json, without starting anything', async () => {
  const { agents, bin, root, started } = bench();
  installed(bin, root, 'codex-acp', { name: 'x', version: '0.16.0', bin: { 'codex-acp': 'dist/index.js' } });
  installed(bin, root, 'gemini', { name: 'y', version: '0.61.0-beta.2', bin: './dist/index.js' });
  expect(await listed(agents, false)).toMatchObject({ codex: '0.16.0', gemini: '0.61.0-beta.2' });
  expect(await listed(agents, true)).toMatchObject({ codex: '0.16.0' });
  expect(started).toEqual([]);
});

test('a package.json that does not name the file as its program says nothing about it', async () => {
  const { bin, root } = bench();
  const script = installed(bin, root, 'codex-acp', { name: 'x', version: '1.0.0', bin: { y: 'other.js' } });
  expect(await packageVersion(script)).toBeNull();
  write(join(root, 'lib/node_modules/@maker/codex-acp/dist/package.json'), '{"type":"module"}');
  write(join(root, 'lib/node_modules/@maker/codex-acp/package.json'), 'not json');
  expect(await packageVersion(script)).toBeNull();
});

test('a program without a package is asked only when somebody wants versions, and once for each state of its file', async () => {
  const { agents, bin, root, started } = bench();
  const file = program(bin, 'goose', 'echo asked >> "$HOME/asked"; echo "goose 1.4.2 (release)"');
  await agents.start();
  expect(await listed(agents, false)).toMatchObject({ goose: null });
  expect(started).toEqual([]);
  expect(await listed(agents, true)).toMatchObject({ goose: '1.4.2' });
  expect(await listed(agents, true)).toMatchObject({ goose: '1.4.2' });
  expect(await listed(agents, false)).toMatchObject({ goose: '1.4.2' });
  expect(started).toMatchObject([{ argv: [file, '--version'], cwd: join(root, 'run') }]);
  utimesSync(file, 1, 1);
  expect(await listed(agents, true)).toMatchObject({ goose: '1.4.2' });
  expect(started).toHaveLength(2);
});

test('a phone that lists the agents starts no program', async () => {
  const { agents, bin, started } = bench();
  program(bin, 'goose', 'echo goose 1.4.2');
  const phone = deviceCaller(DeviceId.parse('d1'), 'manage');
  const { agents: all } = await agents.handlers['agents.list']({ versions: true }, phone);
  expect(all.find(({ name }) => name === 'goose')).toMatchObject({ version: null });
  expect(started).toEqual([]);
});

test('a program that was added is never asked: its arguments may mean anything', async () => {
  const { add, agents, bin, started } = bench();
  await add('mine', [program(bin, 'my-agent', 'echo 1.0.0')]);
  await add('run', [process.execPath, '/no/script.js']);
  expect(await listed(agents, true)).toMatchObject({ mine: null, run: null });
  expect(started).toEqual([]);
});

test('one that does not answer in three seconds has no version, and nothing of it is left', async () => {
  const { agents, bin, started } = bench();
  program(bin, 'goose', 'sleep 600 & sleep 600');
  const from = performance.now();
  expect(await listed(agents, true)).toMatchObject({ goose: null });
  expect(performance.now() - from).toBeLessThan(5_000);
  const pid = started[0]?.pid ?? 0;
  expect(createProcessTable().group(pid)).toEqual([]);
});

test('one that fails, or prints without end, has no version', async () => {
  const { agents, bin } = bench();
  program(bin, 'goose', 'echo 1.2.3; exit 1');
  program(bin, 'opencode', 'yes no-version | head -c 300000');
  expect(await listed(agents, true)).toMatchObject({ goose: null, opencode: null });
});

test.each([
  ['codex-acp 0.16.0', '0.16.0'],
  ['v2.1', '2.1'],
  ['goose version 1.0.0-rc.1+build', '1.0.0-rc.1+build'],
  ['127.0.0.1', '127.0.0.1'],
  ['nothing', undefined],
  ['agent7', undefined],
])('the version in %j is %s', (text, version) => {
  expect(versionIn(text)).toBe(version);
});
