import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { openDatabase } from './database.ts';
import { lockHome } from './home-lock.ts';

test('what was written is there after opening it again, and the file is private', () => {
  const file = join(temporaryFolder(), 'state.db');
  const first = openDatabase(file);
  first.run('INSERT INTO meta (key, value) VALUES (?, ?)', 'a', 'b');
  first.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(openDatabase(file).get('SELECT value FROM meta WHERE key = ?', 'a')).toMatchObject({ value: 'b' });
});

test('a failed transaction leaves nothing behind', () => {
  const db = openDatabase(':memory:');
  expect(() =>
    db.transaction(() => {
      db.run('INSERT INTO meta (key, value) VALUES (?, ?)', 'a', 'b');
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(db.all('SELECT * FROM meta')).toEqual([]);
});

test('a database of a newer version is refused, not guessed at', () => {
  const file = join(temporaryFolder(), 'state.db');
  openDatabase(file).close();
  const raw = new DatabaseSync(file);
  raw.exec('PRAGMA user_version = 99');
  raw.close();
  expect(() => openDatabase(file)).toThrow('newer Signalbox (schema 99)');
});

test('one home has one host', () => {
  const file = join(temporaryFolder(), 'lock.db');
  const unlock = lockHome(file);
  expect(() => lockHome(file)).toThrow('already runs');
  unlock();
  lockHome(file)();
});
