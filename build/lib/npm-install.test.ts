import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasPackages, isInstalled } from './npm-install.mjs';

const zod = { version: '4.6.7', integrity: 'sha512-a' };

test('what npm installed must be what the lockfile asks for', () => {
  const wanted = { packages: { '': {}, 'node_modules/zod': zod } };
  expect(isInstalled(wanted, { packages: { 'node_modules/zod': zod } })).toBe(true);
  expect(isInstalled(wanted, { packages: {} })).toBe(false);
  expect(isInstalled(wanted, { packages: { 'node_modules/zod': { ...zod, version: '4.6.8' } } })).toBe(false);
  expect(isInstalled(wanted, { packages: { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } } })).toBe(
    false,
  );
});

test('a package for another machine may be missing', () => {
  const wanted = { packages: { 'node_modules/x-darwin': { version: '1.0.0', optional: true } } };
  expect(isInstalled(wanted, { packages: {} })).toBe(true);
});

function folderWith(installed: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-npm-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { 'node_modules/zod': zod } }));
  if (installed !== undefined) {
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify(installed));
  }
  return folder;
}

test('a fresh clone has no packages', () => {
  expect(hasPackages(folderWith(undefined))).toBe(false);
});

test('packages that were installed by hand are accepted, until the lockfile changes', () => {
  const folder = folderWith({ packages: { 'node_modules/zod': zod } });
  expect(hasPackages(folder)).toBe(true);
  expect(hasPackages(folder)).toBe(true);
  const newer = { packages: { 'node_modules/zod': { ...zod, version: '5.0.0' } } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(newer));
  expect(hasPackages(folder)).toBe(false);
});

test('an unreadable record of npm means: install again', () => {
  const folder = folderWith({});
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), '{ half');
  expect(hasPackages(folder)).toBe(false);
});
