import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { handClock } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { temporaryRepository } from '../../testing/test-host.ts';
import { createFingerprints } from './fingerprint.ts';
import { realGroups, writePlan } from '../../testing/handoff-bench.ts';

const clock = handClock();
const fingerprints = () => createFingerprints({ groups: realGroups(), clock });

function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args], {
    cwd: folder,
    stdio: 'pipe',
  });
}

test('every kind of change is another fingerprint, and nothing changed is the same', async () => {
  const folder = temporaryRepository({ 'a.txt': 'a\n', '.gitignore': 'ignored/\n' });
  const all = fingerprints();
  const seen = new Set<string>();
  const look = async () => {
    const now = await all.of(folder);
    if (now === null) throw new Error('there is a repository');
    expect(await all.of(folder)).toEqual(now);
    return now;
  };
  const clean = await look();
  expect(clean.isClean).toBe(true);
  seen.add(clean.sha256);
  const changes: [string, () => void][] = [
    ['a tracked file', () => writeFileSync(join(folder, 'a.txt'), 'b\n')],
    ['another content of the same length', () => writeFileSync(join(folder, 'a.txt'), 'c\n')],
    ['staged', () => git(folder, 'add', 'a.txt')],
    ['a new file', () => writeFileSync(join(folder, 'new.txt'), 'x'.repeat(70_000))],
    ['more at its end', () => writeFileSync(join(folder, 'new.txt'), 'x'.repeat(70_001))],
    ['that may be run', () => chmodSync(join(folder, 'new.txt'), 0o755)],
    ['a link', () => symlinkSync('a.txt', join(folder, 'link'))],
    [
      'a link elsewhere',
      () => {
        rmSync(join(folder, 'link'));
        symlinkSync('/etc', join(folder, 'link'));
      },
    ],
    ['a name that needs quotes', () => writeFileSync(join(folder, 'né w"\n.txt'), 'x')],
    ['a file that is gone', () => rmSync(join(folder, '.gitignore'))],
    [
      'a commit',
      () => {
        git(folder, 'add', '-A');
        git(folder, 'commit', '-qm', 'all');
      },
    ],
  ];
  for (const [what, make] of changes) {
    make();
    const { sha256 } = await look();
    expect(seen.has(sha256), what).toBe(false);
    seen.add(sha256);
  }
  expect((await look()).isClean).toBe(true);
});

test('what is ignored and the context directory do not count', async () => {
  const folder = temporaryRepository({ 'a.txt': 'a\n', '.gitignore': 'ignored/\n' });
  const before = await fingerprints().of(folder);
  writePlan(folder, 'a plan');
  mkdirSync(join(folder, 'ignored'));
  writeFileSync(join(folder, 'ignored/x'), 'x');
  expect(await fingerprints().of(folder)).toEqual(before);
});

test('a folder inside of a repository has one of its own; without a repository there is none', async () => {
  const top = temporaryRepository({ 'a.txt': 'a\n' });
  const folder = join(top, 'packages/one');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'x.txt'), 'x');
  git(top, 'add', '-A');
  git(top, 'commit', '-qm', 'more');
  const before = await fingerprints().of(folder);
  expect(before?.isClean).toBe(true);
  writePlan(folder, 'a plan');
  writeFileSync(join(top, 'a.txt'), 'changed outside\n');
  expect(await fingerprints().of(folder)).toEqual(before);
  writeFileSync(join(folder, 'x.txt'), 'y');
  expect((await fingerprints().of(folder))?.sha256).not.toBe(before?.sha256);
  expect(await fingerprints().of(temporaryFolder())).toBeNull();
});

test('nothing that a repository defines is run by looking at it', async () => {
  const folder = temporaryRepository({ 'a.txt': 'a\n', '.gitattributes': '*.txt filter=evil\n' });
  const ran = join(temporaryFolder(), 'ran');
  for (const key of ['filter.evil.clean', 'core.fsmonitor', 'diff.external'])
    git(folder, 'config', key, `touch ${ran}; cat`);
  writeFileSync(join(folder, 'a.txt'), 'b\n');
  await fingerprints().of(folder);
  expect(existsSync(ran)).toBe(false);
});
