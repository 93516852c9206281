import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { readEnvFile } from './env-file.ts';

function file(text: string, mode = 0o600): string {
  const path = join(temporaryFolder(), 'agent.env');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('values are taken as they stand, comments and empty lines are not', () => {
  expect(readEnvFile(file('# keys\n\nA=1\nB=x=y z \n'))).toEqual({ A: '1', B: 'x=y z ' });
});

test('a line that is no assignment is named by file and line, without its content', () => {
  const path = file('A=1\nsk-secret\n');
  expect(() => readEnvFile(path)).toThrow(`${path}:2: expected NAME=value`);
  expect(() => readEnvFile(path)).not.toThrow(/sk-secret/);
});

test('a file that others can read is refused', () => {
  expect(() => readEnvFile(file('A=1\n', 0o644))).toThrow('chmod 600');
});
