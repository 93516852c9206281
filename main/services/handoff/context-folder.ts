import { HostError } from '../../../contract/errors.ts';
import { HANDOFF_FILES, HANDOFF_FOLDER } from '../../../contract/handoff.ts';
import type { Root } from '../../guard/path-guard.ts';

const MAX_READ_BYTES = 8 * 1024 * 1024;
const MAX_LOG_BYTES = 1024 * 1024;
/** An agent may write its report at the same moment. */
const ATTEMPTS = 3;

/** What a handoff writes into a workspace: whole files, in one step, for the owner alone, through the path guard. */
export interface ContextFolder {
  readonly root: Root;
  /** SHA-256 of a file; null where there is none. */
  hashOf(file: string): Promise<string | null>;
  /** @throws HostError `not_permitted` where a link or something else is in the way */
  write(file: string, text: string): Promise<void>;
  /** Adds one line to the execution log; the oldest ones go when it becomes too long. */
  addLogLine(line: Readonly<Record<string, unknown>>): Promise<void>;
  close(): void;
}

/** @param root stays open until `close` */
export async function openContextFolder(root: Root): Promise<ContextFolder> {
  await root.makeDirectory(HANDOFF_FOLDER);
  let last: Promise<unknown> = Promise.resolve();

  async function read(file: string): Promise<{ bytes: Buffer; sha256: string } | null> {
    try {
      return await root.readFile(file, { maxBytes: MAX_READ_BYTES });
    } catch (error) {
      if (error instanceof HostError && error.code === 'not_found') return null;
      if (!(error instanceof HostError) || error.code !== 'too_large') throw error;
      // What nobody can read as a whole is no report and no log of ours.
      await root.remove(file);
      return null;
    }
  }
  async function replace(file: string, make: (old: string) => string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const old = await read(file);
      try {
        await root.writeFile(file, Buffer.from(make(old?.bytes.toString('utf8') ?? '')), {
          expectedSha256: old?.sha256 ?? null,
          isPrivate: true,
        });
        return;
      } catch (error) {
        const raced = error instanceof HostError && (error.code === 'stale' || error.code === 'conflict');
        if (!raced || attempt === ATTEMPTS) throw error;
      }
    }
  }
  /** One write after another: two at once would be stale to each other. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  return {
    root,
    hashOf: async (file) => (await read(file))?.sha256 ?? null,
    write: (file, text) => inTurn(() => replace(file, () => text)),
    addLogLine: (line) =>
      inTurn(() => replace(HANDOFF_FILES.log, (old) => withLine(old, JSON.stringify(line)))),
    close: () => root.close(),
  };
}

/** The log with one more line, and without its older half once it is too long. Pure. */
function withLine(old: string, line: string): string {
  const whole = `${old === '' || old.endsWith('\n') ? old : `${old}\n`}${line}\n`;
  if (Buffer.byteLength(whole) <= MAX_LOG_BYTES) return whole;
  const lines = whole.split('\n');
  return lines.slice(Math.floor(lines.length / 2)).join('\n');
}
