import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { openDatabase } from './database.ts';
import { advanceEpoch } from './epoch.ts';

test('the epoch counts the starts on this state, and a copy that was put back shows a smaller one', () => {
  const folder = temporaryFolder('epoch');
  const start = (file: string) => {
    const db = openDatabase(join(folder, file));
    const epoch = advanceEpoch(db);
    db.close();
    return epoch;
  };
  expect([start('state.db'), start('state.db')]).toEqual([1, 2]);
  const db = openDatabase(join(folder, 'state.db'));
  db.run('VACUUM INTO ?', join(folder, 'backup.db'));
  db.close();
  expect([start('state.db'), start('state.db')]).toEqual([3, 4]);
  expect(start('backup.db')).toBe(3);
});

test('an epoch that is no number stops the start: it must never begin anew by itself', () => {
  const db = openDatabase(':memory:');
  db.run('INSERT INTO meta (key, value) VALUES (?, ?)', 'epoch', 'damaged');
  expect(() => advanceEpoch(db)).toThrow('epoch');
});
