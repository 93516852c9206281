import { expect, test } from 'vitest';
import {
  ELECTRON_PACKAGES,
  HOST_PACKAGES,
  TEST_PACKAGES,
  aptCommand,
  installedNames,
  missingPackages,
} from './debian.mjs';

test('a package that was removed but left its settings does not count as installed', () => {
  expect(installedNames('installed git\nconfig-files chromium\nnot-installed xvfb\n')).toEqual(
    new Set(['git']),
  );
});

test('a thing is there under any of its names', () => {
  const installed = new Set(['libgtk-3-0t64']);
  expect(missingPackages([['libgtk-3-0', 'libgtk-3-0t64'], ['git']], installed)).toEqual([['git']]);
});

test('the command for people names every missing package once', () => {
  const all = [...HOST_PACKAGES, ...ELECTRON_PACKAGES, ...TEST_PACKAGES];
  const names = aptCommand(all).split(' --no-install-recommends ')[1]?.split(' ') ?? [];
  expect(names).toHaveLength(all.length);
  expect(new Set(names).size).toBe(names.length);
});
