import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../../kernel/ports.ts';

const MAX_BYTES = 50 * 1024 * 1024;
const KEPT_FILES = 5;

export interface LogFile {
  /** Appends when the one before is on its way. Resolves in any case: a disk that fails never fails the process. */
  append(bytes: Uint8Array): Promise<void>;
  /** What is there becomes `….log.1`, so that the file holds one run and no more. */
  startOver(): Promise<void>;
  close(): Promise<void>;
}

export interface LogFileOptions {
  readonly log: Log;
  /** Called after every append that worked. */
  readonly grown: (file: string) => void;
  readonly maxBytes?: number;
}

/**
 * An append-only file that is set aside at 50 MiB, five times. It survives a full disk and a folder that is removed
 * under it: what cannot be written is counted, and the count is written as soon as writing works again.
 * @param file the path; its folder is made when needed
 */
export function createLogFile(file: string, { log, grown, maxBytes = MAX_BYTES }: LogFileOptions): LogFile {
  let handle: FileHandle | null = null;
  let size = 0;
  let lost = 0;
  let queue: Promise<unknown> = Promise.resolve();

  async function opened(): Promise<FileHandle> {
    if (handle) {
      const { nlink } = await handle.stat();
      if (nlink > 0) return handle;
      // Somebody removed the file: bytes written to it would be seen by nobody.
      await close();
    }
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    handle = await open(file, 'a', 0o600);
    size = (await handle.stat()).size;
    return handle;
  }

  async function close(): Promise<void> {
    const old = handle;
    handle = null;
    await old?.close().catch(() => {});
  }

  async function setAside(): Promise<void> {
    await close();
    await rm(`${file}.${KEPT_FILES}`, { force: true });
    for (let number = KEPT_FILES - 1; number >= 1; number -= 1)
      await move(`${file}.${number}`, `${file}.${number + 1}`);
    await move(file, `${file}.1`);
    size = 0;
  }

  async function write(bytes: Uint8Array): Promise<void> {
    if (size > 0 && size + bytes.length > maxBytes) await setAside();
    const target = await opened();
    if (lost > 0) {
      const note = Buffer.from(`\n[signalbox] ${lost} bytes could not be written here\n`);
      await target.appendFile(note);
      size += note.length;
      lost = 0;
    }
    await target.appendFile(bytes);
    size += bytes.length;
  }

  async function append(bytes: Uint8Array): Promise<void> {
    try {
      await write(bytes);
      grown(file);
    } catch (error) {
      if (lost === 0)
        log.warn({ file, error: (error as NodeJS.ErrnoException).code }, 'a log cannot be written');
      lost += bytes.length;
      await close();
    }
  }

  async function startOver(): Promise<void> {
    try {
      await close();
      const found = await stat(file).catch(() => null);
      if (found && found.size > 0) await setAside();
      await opened();
      grown(file);
    } catch (error) {
      log.warn({ file, error: (error as NodeJS.ErrnoException).code }, 'a log cannot be opened');
    }
  }

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = queue.then(work);
    queue = done;
    return done;
  };

  return {
    append: (bytes) => inTurn(() => append(bytes)),
    startOver: () => inTurn(startOver),
    close: () => inTurn(close),
  };
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
