import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { program, write } from '../../testing/agents-bench.ts';
import { findProgram, pathFor } from './program-lookup.ts';
import { searchFolders } from './search-folders.ts';

function homeWith(folder: string): { home: string; folder: string } {
  const home = temporaryFolder('home');
  mkdirSync(join(home, folder), { recursive: true });
  return { home, folder: join(home, folder) };
}

test('a relative entry of PATH is never searched, so that a workspace cannot bring its own programs', async () => {
  const { home, folder } = homeWith('tools');
  program(folder, 'tool');
  expect(await findProgram('tool', { PATH: 'tools:.:' })).toBeNull();
  expect(await findProgram('tool', { PATH: folder })).toBe(join(folder, 'tool'));
  expect(await findProgram('tools/tool', { PATH: home })).toBeNull();
  expect(await findProgram('', { PATH: folder })).toBeNull();
});

test('a folder, a file that may not be executed and a link to nowhere are no programs', async () => {
  const { folder } = homeWith('bin');
  mkdirSync(join(folder, 'tool'));
  write(join(folder, 'other'), '', 0o600);
  expect(await findProgram('tool', { PATH: folder })).toBeNull();
  expect(await findProgram('other', { PATH: folder })).toBeNull();
  expect(await findProgram(join(folder, 'other'), {})).toBeNull();
});

test.each([
  '.local/bin',
  '.npm-global/bin',
  '.bun/bin',
  '.volta/bin',
  '.opencode/bin',
  '.nvm/versions/node/v24.1.0/bin',
  '.local/share/fnm/node-versions/v22.0.0/installation/bin',
])('a program in ~/%s is found although PATH does not name it', async (folder) => {
  const place = homeWith(folder);
  const found = program(place.folder, 'signalbox-tool');
  expect(await findProgram('signalbox-tool', { PATH: '/usr/bin', HOME: place.home })).toBe(found);
});

test('PATH goes before every other folder, and the newest Node before an older one', async () => {
  const { home, folder } = homeWith('.nvm/versions/node/v9.0.0/bin');
  program(folder, 'signalbox-tool');
  const newer = join(home, '.nvm/versions/node/v24.0.0/bin');
  mkdirSync(newer, { recursive: true });
  program(newer, 'signalbox-tool');
  expect(await findProgram('signalbox-tool', { PATH: '', HOME: home })).toBe(join(newer, 'signalbox-tool'));
  expect(await findProgram('signalbox-tool', { PATH: folder, HOME: home })).toBe(
    join(folder, 'signalbox-tool'),
  );
});

test.each(['prefix=~/node-tools\n', 'prefix = "${HOME}/node-tools"\n', '; x\n\nprefix=~/node-tools\n'])(
  'the prefix in ~/.npmrc is searched: %j',
  (text) => {
    const { home } = homeWith('node-tools/bin');
    write(join(home, '.npmrc'), text);
    expect(searchFolders({ PATH: '', HOME: home }).beyond).toContain(join(home, 'node-tools/bin'));
  },
);

test('beyond PATH, what others on the machine may write is no program', async () => {
  const { home, folder } = homeWith('.local/bin');
  const found = program(folder, 'signalbox-tool');
  const look = () => findProgram('signalbox-tool', { PATH: '', HOME: home });
  expect(await look()).toBe(found);
  chmodSync(found, 0o757);
  expect(await look()).toBeNull();
  chmodSync(found, 0o755);
  chmodSync(folder, 0o777);
  expect(await look()).toBeNull();
});

test('PATH of a child stays as it is when it holds the program and Node already', async () => {
  const { folder } = homeWith('bin');
  program(folder, 'node');
  const tool = program(folder, 'tool');
  expect(await pathFor(tool, { PATH: `${folder}:/usr/bin` })).toBe(`${folder}:/usr/bin`);
  expect(await pathFor('/opt/x/tool', { PATH: folder })).toBe(`${folder}:/opt/x`);
});
