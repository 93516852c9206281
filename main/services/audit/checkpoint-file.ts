import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../kernel/atomic-file.ts';
import type { SignedSize } from './recover.ts';

/** Checkpoints that are kept when the file is made shorter; any older one can be proven from the hashes. */
const KEPT = 64;
const LONGEST_BYTES = 1024 * 1024;

export interface CheckpointFile {
  /** The newest one when the file was opened. Its signature is not looked at: it is compared with what is here. */
  readonly last: SignedSize | null;
  append(note: string): void;
}

/** The checkpoints of a log, oldest first, an empty line after each. A torn one is passed over. */
export function openCheckpointFile(file: string, origin: string): CheckpointFile {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const pattern = new RegExp(
    `${origin.replaceAll('.', '\\.')}\\n(\\d{1,15})\\n([A-Za-z0-9+/]{43}=)\\n\\n\u2014 .+\\n`,
    'g',
  );
  const notes = [...text.matchAll(pattern)];
  if (text.length > LONGEST_BYTES)
    writeFileAtomic(
      file,
      notes
        .slice(-KEPT)
        .map(([note]) => `${note}\n`)
        .join(''),
    );
  const [, size, root] = notes.at(-1) ?? [];
  return {
    last: size === undefined || root === undefined ? null : { size: Number(size), root },
    append: (note) => appendFileSync(file, `${note}\n`, { mode: 0o600 }),
  };
}
