import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/**
 * A file's text, or undefined when there is none.
 * @param {string} path
 */
export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Writes a small file so that a reader sees the old text or the new one, never half of it.
 * @param {string} path
 * @param {string} text
 */
export function writeAtomic(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.${String(process.pid)}.tmp`;
  writeFileSync(next, text);
  renameSync(next, path);
}

/**
 * Every file under a folder, absolute and sorted. A file's own path gives that file; what is not there gives nothing.
 * @param {string} path
 * @param {(path: string) => boolean} skip folders and files to leave out
 * @returns {string[]}
 */
export function filesUnder(path, skip = () => false) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || skip(path)) return [];
  if (found.isFile()) return [path];
  if (!found.isDirectory()) return [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name), skip));
}

/**
 * One hash over names and contents: two trees with the same hash build the same thing.
 * @param {string} root names are taken relative to this folder
 * @param {readonly string[]} files absolute paths
 * @param {string} [salt] anything else that the result depends on
 */
export function hashFiles(root, files, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const file of files) {
    const content = readFileSync(file);
    hash
      .update(`\0${relative(root, file).split(sep).join('/')}\0${String(content.length)}\0`)
      .update(content);
  }
  return hash.digest('hex');
}
