import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostError } from '../../contract/errors.ts';
import { linuxWalk } from './directory-walk.linux.ts';
import { portableWalk } from './directory-walk.portable.ts';
import { sha256 } from './guarded-read.ts';
import { openRoot, type Root } from './path-guard.ts';
import { hostilePaths } from '../testing/hostile-paths.ts';

const secret = 'OUTSIDE-OR-BLOCKED';
let base: string;
let ws: string;
let root: Root;

beforeEach(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'guard-'));
  ws = join(base, 'ws');
  for (const directory of ['ws/src', 'ws/.git', 'out', 'ws-evil', 'ws/日本', 'ws/src/empty', 'ws/.ssh']) {
    fs.mkdirSync(join(base, directory), { recursive: true });
  }
  for (const file of [
    'out/f',
    'ws-evil/f',
    'ws/.env',
    'ws/.ENV.local',
    'ws/.git/config',
    'ws/.ssh/id_rsa',
    'ws/.ｅnv',
  ]) {
    fs.writeFileSync(join(base, file), secret);
  }
  fs.writeFileSync(join(ws, 'src/a.ts'), 'export {};\n');
  for (const name of ['..foo', 'sp ace', '日本/文.md', '.env.example'])
    fs.writeFileSync(join(ws, name), 'fine');
  fs.symlinkSync('../out/f', join(ws, 'lf'));
  fs.symlinkSync('../out', join(ws, 'ld'));
  fs.symlinkSync('/etc', join(ws, 'le'));
  fs.symlinkSync('.env', join(ws, 'inner'));
  fs.symlinkSync('../.git', join(ws, 'src/g'));
  fs.symlinkSync('loop', join(ws, 'loop'));
  fs.symlinkSync('/proc/self/root', join(ws, 'root'));
  fs.linkSync(join(base, 'out/f'), join(ws, 'hard'));
  execFileSync('mkfifo', [join(ws, 'fifo')]);
  root = openRoot(ws);
});

afterEach(() => {
  root.close();
  fs.rmSync(base, { recursive: true, force: true });
});

describe.each([
  ['linux', linuxWalk],
  ['portable', portableWalk],
] as const)('with the %s walk', (_name, walk) => {
  test(`all ${hostilePaths.length} hostile paths are refused by every operation without a leak or an effect`, async () => {
    const guarded = openRoot(ws, { walk });
    const before = execFileSync('find', [base, '-printf', '%p %y %s %T@\n']).toString();
    for (const path of hostilePaths as readonly string[]) {
      const operations: [string, () => Promise<unknown>][] = [
        ['read', () => guarded.readFile(path)],
        ['write', () => guarded.writeFile(path, Buffer.from('PWN'), { expectedSha256: null })],
        [
          'overwrite',
          () => guarded.writeFile(path, Buffer.from('PWN'), { expectedSha256: sha256(Buffer.from(secret)) }),
        ],
      ];
      if (!['', '.', 'src'].includes(path)) {
        operations.push(['list', () => guarded.list(path)]);
        if (path !== 'hard') operations.push(['stat', () => guarded.stat(path)]);
        const child = typeof path === 'string' ? `${path}/x` : path;
        operations.push(['mkdir', () => guarded.makeDirectory(child)]);
        operations.push(['remove', () => guarded.remove(path)]);
      }
      for (const [name, operation] of operations) {
        const result = await operation().then(
          () => 'ALLOWED',
          (error: unknown) => error,
        );
        expect(result, `${name} ${JSON.stringify(path)}`).toBeInstanceOf(HostError);
        expect((result as HostError).code, `${name} ${JSON.stringify(path)}`).not.toBe('internal');
      }
    }
    expect(execFileSync('find', [base, '-printf', '%p %y %s %T@\n']).toString()).toBe(before);
    guarded.close();
  });

  test('ordinary files are read, listed and described', async () => {
    const guarded = openRoot(ws, { walk });
    for (const path of ['..foo', 'sp ace', './src//a.ts', '日本/文.md', '.env.example']) {
      expect((await guarded.readFile(path)).bytes.length, path).toBeGreaterThan(0);
    }
    const content = await guarded.readFile('src/a.ts');
    expect(content).toMatchObject({ sha256: sha256(Buffer.from('export {};\n')), mode: 0o644 });
    expect(await guarded.stat('src/a.ts')).toMatchObject({ kind: 'file', size: 11 });
    expect(await guarded.stat('.')).toMatchObject({ kind: 'directory' });
    const listing = await guarded.list('');
    expect(listing.entries.map((entry) => entry.name)).not.toContain('.env');
    expect(listing.entries).toContainEqual({ name: 'lf', kind: 'symlink' });
    expect(listing.hidden).toBeGreaterThanOrEqual(4);
    expect(await guarded.list('', { maxEntries: 2 })).toMatchObject({ truncated: true });
    guarded.close();
  });

  test('a write needs the hash of what it replaces and keeps the permission bits', async () => {
    const guarded = openRoot(ws, { walk });
    fs.chmodSync(join(ws, 'src/a.ts'), 0o755);
    const { sha256: old } = await guarded.readFile('src/a.ts');
    const written = await guarded.writeFile('src/a.ts', Buffer.from('two'), { expectedSha256: old });
    expect(written).toEqual({ sha256: sha256(Buffer.from('two')), bytes: 3, created: false });
    expect(fs.statSync(join(ws, 'src/a.ts')).mode & 0o777).toBe(0o755);
    await expect(
      guarded.writeFile('src/a.ts', Buffer.from('x'), { expectedSha256: old }),
    ).rejects.toMatchObject({
      code: 'stale',
      data: { expectedSha256: old, actualSha256: written.sha256 },
    });
    await expect(
      guarded.writeFile('src/a.ts', Buffer.from('x'), { expectedSha256: null }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(
      guarded.writeFile('src/b.ts', Buffer.from('x'), { expectedSha256: old }),
    ).rejects.toMatchObject({
      code: 'stale',
      data: { actualSha256: null },
    });
    expect(await guarded.writeFile('src/b.ts', Buffer.from('x'), { expectedSha256: null })).toMatchObject({
      created: true,
    });
    expect(fs.readdirSync(join(ws, 'src')).filter((name) => name.startsWith('.signalbox'))).toEqual([]);
    guarded.close();
  });

  test('of many simultaneous writers with the same base exactly one wins', async () => {
    const guarded = openRoot(ws, { walk });
    const { sha256: old } = await guarded.readFile('src/a.ts');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        guarded.writeFile('src/a.ts', Buffer.from(`w${i}`), { expectedSha256: old }),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    guarded.close();
  });

  test('directories are made level by level and removed only when empty', async () => {
    const guarded = openRoot(ws, { walk });
    expect(await guarded.makeDirectory('a/b/c')).toEqual({ created: true });
    expect(await guarded.makeDirectory('a/b/c')).toEqual({ created: false });
    await expect(guarded.remove('a')).rejects.toMatchObject({ code: 'conflict' });
    expect(await guarded.remove('a/b/c')).toEqual({ kind: 'directory' });
    await expect(guarded.remove('src/a.ts', { expectedSha256: 'no' })).rejects.toMatchObject({
      code: 'stale',
    });
    expect(await guarded.remove('src/a.ts')).toEqual({ kind: 'file' });
    guarded.close();
  });

  test('a root that was replaced, removed or is itself a link is refused', async () => {
    const guarded = openRoot(ws, { walk });
    fs.symlinkSync(ws, join(base, 'link'));
    expect(() => openRoot(join(base, 'link'), { walk })).toThrow('is a symbolic link');
    expect(() => openRoot(join(base, 'link/'), { walk })).toThrow('is a symbolic link');
    expect(() => openRoot(join(ws, 'src/a.ts'), { walk })).toThrow('is not a directory');
    expect(() => openRoot(join(base, 'none'), { walk })).toThrow('does not exist');
    expect(() => openRoot('ws', { walk })).toThrow('is not an absolute path');
    fs.renameSync(ws, join(base, 'moved'));
    await expect(guarded.readFile('src/a.ts')).rejects.toMatchObject({ code: 'stale' });
    fs.mkdirSync(join(ws, 'src'), { recursive: true });
    fs.writeFileSync(join(ws, 'src/a.ts'), 'other');
    await expect(guarded.readFile('src/a.ts')).rejects.toMatchObject({ code: 'stale' });
    guarded.close();
    await expect(guarded.readFile('src/a.ts')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('sockets, devices and huge sparse files are refused without being read', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(ws, 'socket'), resolve));
  await expect(root.readFile('socket')).rejects.toThrow('"socket" is not a regular file');
  await new Promise((resolve) => server.close(resolve));
  fs.writeFileSync(join(ws, 'sparse'), '');
  fs.truncateSync(join(ws, 'sparse'), 10 * 1024 ** 3);
  await expect(root.readFile('sparse')).rejects.toMatchObject({ code: 'too_large' });
  await expect(root.readFile('src/a.ts', { maxBytes: 3 })).rejects.toMatchObject({ code: 'too_large' });
  await expect(
    root.writeFile('big', Buffer.alloc(11), { expectedSha256: null, maxBytes: 10 }),
  ).rejects.toMatchObject({ code: 'too_large' });
});

test('a directory with very many entries is listed up to the cap', async () => {
  fs.mkdirSync(join(ws, 'many'));
  for (let i = 0; i < 3000; i += 1) fs.writeFileSync(join(ws, `many/${i}`), '');
  const listing = await root.list('many', { maxEntries: 100 });
  expect(listing.entries).toHaveLength(100);
  expect(listing.truncated).toBe(true);
});

test('refusals say the rule in words', async () => {
  await expect(root.readFile('.env')).rejects.toThrow('".env" is on the blocked list (.env)');
  await expect(root.readFile('lf')).rejects.toThrow('"lf" is a symbolic link');
  await expect(root.readFile('ld/f')).rejects.toThrow('"ld" is a symbolic link');
  await expect(root.readFile('hard')).rejects.toThrow('"hard" has 2 hard links');
  await expect(root.readFile('src/none')).rejects.toThrow('"src/none" does not exist');
});

test('no descriptor is left open by successes or refusals', async () => {
  const count = (): number => fs.readdirSync('/proc/self/fd').length;
  const before = count();
  for (let i = 0; i < 50; i += 1) {
    for (const path of ['src/a.ts', 'ld/f', 'hard', 'src/none/x', 'fifo']) {
      await root.readFile(path).catch(() => undefined);
      await root.list(path).catch(() => undefined);
      await root.writeFile(path, Buffer.from('x'), { expectedSha256: 'no' }).catch(() => undefined);
    }
  }
  expect(count()).toBe(before);
});
