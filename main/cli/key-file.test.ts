import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { readKeyFile } from './key-file.ts';

function file(text: string, mode = 0o600): string {
  const path = join(temporaryFolder(), 'key');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('the key is what the file holds, without the white space around it', () => {
  expect(readKeyFile(file(' sk-1234 \n\n'))).toBe('sk-1234');
});

test.each([
  ['of several lines', 'sk-1\nsk-2\n', 0o600, 'invalid_input'],
  ['that is empty', '\n', 0o600, 'invalid_input'],
  ['that others can read', 'sk-1\n', 0o640, 'refused'],
  ['that is too large for a key', 'k'.repeat(20_000), 0o600, 'too_large'],
])('a file %s is refused without telling its content', (_what, text, mode, code) => {
  const path = file(text, mode);
  const read = () => readKeyFile(path);
  expect(read).toThrow(path);
  expect(read).not.toThrow(/sk-/);
  expect(read).toThrow(expect.objectContaining({ code }) as Error);
});

test('a folder and a file that is not there are refused', () => {
  expect(() => readKeyFile(temporaryFolder())).toThrow('there is no file');
  expect(() => readKeyFile('/no/such/file')).toThrow('there is no file');
});
