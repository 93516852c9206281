import { statSync, writeFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { openRollbackAnchor } from './rollback-anchor.ts';

test('a host that is older than it was before is told so, at every start until that was dealt with', () => {
  const folder = join(temporaryFolder(), 'anchors');
  const at = (epoch: number) => openRollbackAnchor(folder, '/home/a', { id: 'host-1', epoch });
  expect(at(1).compare()).toEqual({ kind: 'sound' });
  at(9).drop();
  expect(at(10).compare()).toEqual({ kind: 'sound' });
  expect(at(9).compare()).toEqual({ kind: 'rolled-back', seen: 9 });
  expect(at(4).compare()).toEqual({ kind: 'rolled-back', seen: 9 });
  expect(at(5).compare()).toEqual({ kind: 'rolled-back', seen: 9 });
  at(5).drop();
  expect(at(6).compare()).toEqual({ kind: 'sound' });
});

test('the anchor of another home, of another host, or one that cannot be read says nothing', () => {
  const folder = join(temporaryFolder(), 'anchors');
  openRollbackAnchor(folder, '/home/a', { id: 'host-1', epoch: 9 }).drop();
  const host = { id: 'host-1', epoch: 1 };
  expect(openRollbackAnchor(folder, '/home/b', host).compare()).toEqual({ kind: 'sound' });
  expect(openRollbackAnchor(folder, '/home/a', { id: 'host-2', epoch: 1 }).compare()).toEqual({
    kind: 'sound',
  });
  const [name = ''] = readdirSync(folder);
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  writeFileSync(join(folder, name), '{"hostId":"host-1"');
  expect(openRollbackAnchor(folder, '/home/a', host).compare()).toEqual({ kind: 'sound' });
});
