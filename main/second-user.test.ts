import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { announcedSocket, homeLayout } from './kernel/home.ts';
import { startTestHost } from './testing/test-host.ts';

// Node gives no portable way to ask who is at the other end of a Unix socket, so the host does not check it: what keeps
// another user out are the modes of the folders, and behind them those of every file and of the socket itself.

const NOBODY = 65_534;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** What the program of the other user tries, one line a deed: `done` or the error that the system gave. */
const PROBE = `
const fs = require('node:fs');
const net = require('node:net');
const { socket, folders, files } = JSON.parse(process.argv[1]);
const results = {};
const attempt = (name, deed) => {
  try { deed(); results[name] = 'done'; } catch (error) { results[name] = error.code; }
};
for (const folder of folders) {
  attempt('list ' + folder, () => fs.readdirSync(folder));
  attempt('write in ' + folder, () => fs.writeFileSync(folder + '/planted', 'x'));
}
for (const file of files) {
  attempt('read ' + file, () => fs.readFileSync(file));
  attempt('append to ' + file, () => fs.appendFileSync(file, 'x'));
  attempt('remove ' + file, () => fs.rmSync(file));
}
const connection = net.connect(socket);
connection.on('connect', () => finish('done'));
connection.on('error', (error) => finish(error.code));
function finish(outcome) {
  results['connect'] = outcome;
  console.log(JSON.stringify(results));
  process.exit(0);
}
`;

interface Found {
  readonly folders: string[];
  readonly files: string[];
}

function everythingUnder(folder: string): Found {
  const found: Found = { folders: [folder], files: [] };
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) {
      const inner = everythingUnder(path);
      found.folders.push(...inner.folders);
      found.files.push(...inner.files);
    } else found.files.push(path);
  }
  return found;
}

function tryAs(uid: number, socket: string, found: Found): Record<string, string> {
  const output = execFileSync(process.execPath, ['-e', PROBE, JSON.stringify({ socket, ...found })], {
    ...(isRoot && { uid, gid: uid }),
    cwd: '/',
    env: {},
    encoding: 'utf8',
  });
  return JSON.parse(output) as Record<string, string>;
}

test('a second user of this machine cannot connect, read, change or remove anything of the host', async () => {
  const { root, owner } = await startTestHost();
  expect(await owner.call('identity.createInvitation', {})).toMatchObject({ ok: true });
  const home = homeLayout(root, { ...process.env, XDG_RUNTIME_DIR: undefined });
  const socket = announcedSocket(home);
  const found = everythingUnder(root);
  const names = found.files.map((file) => file.slice(root.length + 1));
  for (const wanted of [/^secrets\/host-key\.key$/, /^audit\//, /\.db$/]) {
    expect(names.some((name) => wanted.test(name))).toBe(true);
  }
  for (const path of [...found.folders, ...found.files, socket]) {
    expect([path, lstatSync(path).mode & 0o077]).toEqual([path, 0]);
  }
  if (!isRoot) return;
  const locked = tryAs(NOBODY, socket, found);
  // Behind the folders: even where somebody opened those, each file and the socket refuse for themselves.
  for (const folder of found.folders) chmodSync(folder, 0o711);
  const opened = tryAs(NOBODY, socket, found);
  for (const folder of found.folders) chmodSync(folder, 0o700);
  for (const outcomes of [locked, opened])
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['EACCES']));
  process.stdout.write(
    `second user: ${Object.keys(locked).length + Object.keys(opened).length} attempts as uid ${NOBODY}, 0 succeeded\n`,
  );
});
