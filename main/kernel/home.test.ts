import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { announcedSocket, homeLayout, homePath, makeHome, makePrivate } from './home.ts';

test('a home is private from its first moment, and stays so when somebody opened it', () => {
  const root = join(temporaryFolder(), 'home');
  const home = homeLayout(root, {});
  makeHome(home);
  chmodSync(home.audit, 0o755);
  makeHome(home);
  for (const folder of [home.root, home.audit, home.logs, home.run])
    expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a link in the place of a folder is refused', () => {
  const base = temporaryFolder();
  mkdirSync(join(base, 'elsewhere'));
  symlinkSync(join(base, 'elsewhere'), join(base, 'home'));
  expect(() => makePrivate(join(base, 'home'))).toThrow('not a link');
});

test('the option wins over the environment, and the environment over the platform', () => {
  expect(homePath('/a', { SIGNALBOX_HOME: '/b' })).toBe('/a');
  expect(homePath(undefined, { SIGNALBOX_HOME: '/b' })).toBe('/b');
  expect(homePath(undefined, { XDG_DATA_HOME: '/c' })).toBe('/c/signalbox');
  expect(homePath(undefined, { XDG_DATA_HOME: 'relative' })).not.toContain('relative');
});

test('the control socket always fits into a socket address', () => {
  const long = join('/tmp', 'x'.repeat(200));
  expect(Buffer.byteLength(homeLayout(long, {}).controlSocket)).toBeLessThanOrEqual(103);
  expect(homeLayout('/h', { XDG_RUNTIME_DIR: '/run/user/1000' }).controlSocket).toMatch(
    /^\/run\/user\/1000\/signalbox\//,
  );
  expect(homeLayout('/h', {}).controlSocket).not.toBe(homeLayout('/i', {}).controlSocket);
});

test('a running host is found by a program with another environment', () => {
  const root = join(temporaryFolder(), 'home');
  const ofHost = homeLayout(root, { XDG_RUNTIME_DIR: '/run/user/1000' });
  const ofClient = homeLayout(root, {});
  makeHome(ofHost);
  expect(announcedSocket(ofClient)).toBe(ofClient.controlSocket);
  writeFileSync(ofHost.controlSocketFile, `${ofHost.controlSocket}\n`);
  expect(announcedSocket(ofClient)).toBe(ofHost.controlSocket);
});
