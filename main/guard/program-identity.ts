import { createHash } from 'node:crypto';
import { statSync, type BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import { HostError } from '../../contract/errors.ts';
import { showPath } from './path-lexical.ts';

/** A program as it was when it was looked at. */
export interface Program {
  readonly path: string;
  readonly sha256: string;
  /** @throws HostError `stale` when the path no longer leads to the very same bytes; synchronous, for a last look */
  assertUnchanged(): void;
}

const MAX_KNOWN = 64;
const known = new Map<string, string>();

/**
 * Hashes a program by its descriptor, so that what is hashed is one file and not whatever the path leads to meanwhile.
 * A file that changes while it is read is refused. The hash is remembered for as long as device, inode, size and both
 * times stay what they were; the time of the last status change cannot be set by who owns the file.
 * @throws HostError `stale` when it changes while it is read
 */
export async function readProgram(path: string): Promise<Program> {
  const file = await open(path, 'r');
  try {
    const identity = identityOf(await file.stat({ bigint: true }));
    const found = known.get(identity);
    const sha256 = found ?? (await hashOf(file.createReadStream({ autoClose: false, start: 0 })));
    if (identityOf(await file.stat({ bigint: true })) !== identity) throw changed(path);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(identity, sha256);
    return {
      path,
      sha256,
      assertUnchanged() {
        const now = statSync(path, { bigint: true, throwIfNoEntry: false });
        if (now === undefined || identityOf(now) !== identity) throw changed(path);
      },
    };
  } finally {
    await file.close();
  }
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

async function hashOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function changed(path: string): HostError {
  return new HostError('stale', `the program ${showPath(path)} was changed or replaced`, { path });
}
