import { readFileSync, statSync } from 'node:fs';
import { HostError } from '../../contract/errors.ts';

const MAX_BYTES = 65_536;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Environment values from a file, one `NAME=value` a line; empty lines and lines with `#` in front are skipped. A file
 * and not options, because the arguments of a program are visible to everybody on the machine.
 * @throws HostError `invalid_input` that names file and line, never the value; `refused` when others may read the file
 */
export function readEnvFile(file: string): Record<string, string> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new HostError('not_found', `there is no file ${file}`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new HostError('refused', `${file} can be read by others; chmod 600 it first`);
  }
  if (found.size > MAX_BYTES) throw new HostError('too_large', `${file} is larger than 64 KiB`);
  const values: Record<string, string> = {};
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '' || line.startsWith('#')) return;
      const at = line.indexOf('=');
      const name = line.slice(0, Math.max(0, at));
      if (!NAME.test(name)) throw new HostError('invalid_input', `${file}:${index + 1}: expected NAME=value`);
      values[name] = line.slice(at + 1);
    });
  return values;
}
