import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import { writeFileAtomic } from '../../kernel/atomic-file.ts';
import { layoutOf, survivesRewriting } from './json-text.ts';
import { isRecord } from './small-file.ts';

const MAX_BYTES = 1_048_576;

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Changes the JSON settings of another program. A crash leaves the old file or the new one; what the change does not
 * name stays as it is, with its order and layout; the file is 0600 from then on, for it may hold a credential.
 * Where something would be lost, nothing is written.
 *
 * @param change gives the new value; the same one back means that there is nothing to do
 * @returns whether the file was written
 * @throws HostError `refused` for a link, a file that is no plain one, or one with comments or other things that JSON
 * has not; `too_large` over 1 MiB; `conflict` when somebody else wrote it meanwhile
 */
export function updateJsonFile(file: string, change: (value: JsonObject) => JsonObject): boolean {
  const before = readPlainFile(file);
  const value = before === null ? {} : parse(file, before);
  const next = change(value);
  if (next === value) return false;
  const { indent, end } = layoutOf(before ?? '');
  const text = JSON.stringify(next, null, indent) + end;
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge(file);
  if (before === null) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Looked at again just before: its program may have written in between, and that must not be undone.
  if (readPlainFile(file) !== before) {
    throw new HostError('conflict', `${file} was changed at the same moment; try again`, { file });
  }
  writeFileAtomic(file, text, 0o600);
  return true;
}

/** The text of a plain file; null when there is none. */
function readPlainFile(file: string): string | null {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return null;
  if (found.isSymbolicLink()) {
    throw new HostError('refused', `${file} is a link to another file; change that one by hand`, { file });
  }
  if (!found.isFile()) throw new HostError('refused', `${file} is no file`, { file });
  if (process.platform !== 'win32' && found.uid !== process.getuid?.()) {
    throw new HostError('refused', `${file} belongs to another user`, { file });
  }
  if (found.nlink > 1) {
    throw new HostError('refused', `${file} has a second name; replacing it would part the two`, { file });
  }
  if (found.size > MAX_BYTES) throw tooLarge(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch {
    throw new HostError('refused', `${file} is not UTF-8`, { file });
  }
}

function parse(file: string, text: string): JsonObject {
  // An empty file is what some programs leave behind when they are installed.
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HostError(
      'refused',
      `${file} holds comments or other things that are no JSON, and they would be lost; change it by hand`,
      { file },
    );
  }
  if (!isRecord(value)) throw new HostError('refused', `${file} holds no settings`, { file });
  if (!survivesRewriting(text, value)) {
    throw new HostError(
      'refused',
      `${file} holds a name twice or a number that would be changed; change it by hand`,
      { file },
    );
  }
  return value;
}

function tooLarge(file: string): HostError {
  return new HostError('too_large', `${file} is larger than 1 MiB`, { file });
}
