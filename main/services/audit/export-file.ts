import { createHash, randomBytes } from 'node:crypto';
import { link, open, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import { syncFolder } from '../../kernel/atomic-file.ts';

const BATCH_BYTES = 256 * 1024;

/**
 * Writes lines to a new file that appears whole or not at all, without holding them all in memory.
 * @returns SHA-256 of the content, lower-case hex
 * @throws HostError `conflict` when the file exists, `unavailable` when it cannot be written
 */
export async function writeLines(file: string, lines: Iterable<string>): Promise<string> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const hash = createHash('sha256');
    const handle = await open(temporary, 'wx', 0o600);
    try {
      for (const batch of batches(lines)) {
        hash.update(batch);
        await handle.write(batch);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link, unlike a rename, never replaces what is there.
    await link(temporary, file);
    syncFolder(dirname(file));
    return hash.digest('hex');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    if (code === 'EEXIST') throw new HostError('conflict', `${file} exists already; choose another name`);
    throw new HostError('unavailable', `${file} cannot be written: ${code}`);
  } finally {
    await unlink(temporary).catch(() => {});
  }
}

function* batches(lines: Iterable<string>): Generator<string> {
  let batch = '';
  for (const line of lines) {
    batch += `${line}\n`;
    if (batch.length < BATCH_BYTES) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}
