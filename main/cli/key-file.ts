import { readFileSync, statSync } from 'node:fs';
import { Failure } from './failure.ts';

const MAX_BYTES = 16_384;

/**
 * One secret from a file that holds nothing else; white space around it is dropped.
 * @throws Failure that names the file, never its content: `not_found`, `refused` when others may read it,
 * `too_large`, `invalid_input` for an empty one or one of several lines
 */
export function readKeyFile(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Failure('not_found', `there is no file ${file}`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new Failure('refused', `${file} can be read by others; chmod 600 it first`);
  }
  if (found.size > MAX_BYTES) throw new Failure('too_large', `${file} is larger than 16 KiB`);
  const key = readFileSync(file, 'utf8').trim();
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new Failure('invalid_input', `${file} must hold one key and nothing else`);
  }
  return key;
}
