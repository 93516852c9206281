import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { filesUnder, hashFiles } from './stamp.mjs';

function tree(): string {
  const root = mkdtempSync(join(tmpdir(), 'signalbox-stamp-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'src', 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'src', 'a.ts'), 'one');
  writeFileSync(join(root, 'src', 'b.ts'), 'two');
  writeFileSync(join(root, 'src', 'node_modules', 'c.js'), 'three');
  return root;
}

const hashOf = (root: string): string =>
  hashFiles(
    root,
    filesUnder(join(root, 'src'), (path) => path.endsWith('node_modules')),
  );

test('the hash follows content and names, and nothing that is left out', () => {
  const root = tree();
  const before = hashOf(root);
  writeFileSync(join(root, 'src', 'node_modules', 'c.js'), 'changed');
  expect(hashOf(root)).toBe(before);
  renameSync(join(root, 'src', 'b.ts'), join(root, 'src', 'd.ts'));
  const renamed = hashOf(root);
  expect(renamed).not.toBe(before);
  writeFileSync(join(root, 'src', 'a.ts'), 'other');
  expect(hashOf(root)).not.toBe(renamed);
});

test('the same tree elsewhere has the same hash', () => {
  expect(hashOf(tree())).toBe(hashOf(tree()));
});

test('moving text from one file to the next changes the hash', () => {
  const root = tree();
  const before = hashOf(root);
  writeFileSync(join(root, 'src', 'a.ts'), 'onetw');
  writeFileSync(join(root, 'src', 'b.ts'), 'o');
  expect(hashOf(root)).not.toBe(before);
});

test('what is not there has no files', () => {
  expect(filesUnder('/nonexistent/folder')).toEqual([]);
});
