import { sha256Hex } from '../../contract/action.ts';
import { HostError } from '../../contract/errors.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

const MAX_FILE = 8 * 1024 * 1024;

/** One file as it would be after an edit, with the content it is based on. */
export interface PlannedWrite {
  readonly path: string;
  readonly oldText: string | null;
  readonly newText: string;
  readonly baseSha256: string | null;
  readonly newSha256: string;
  readonly bytes: number;
}

export interface ProposedEdit {
  readonly path: string;
  readonly oldText: string | null;
  readonly newText: string;
}

export interface CurrentFile {
  readonly text: string;
  readonly sha256: string;
}

/** The present text of a file; null when there is none. Throws HostError `refused` for what is not UTF-8. */
export async function readCurrent(files: WorkspaceFiles, path: string): Promise<CurrentFile | null> {
  try {
    const { bytes, sha256 } = await files.readFile(path, { maxBytes: MAX_FILE });
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), sha256 };
  } catch (error) {
    if (error instanceof HostError && error.code === 'not_found') return null;
    if (error instanceof TypeError) throw new HostError('refused', `${path} is not UTF-8 text`);
    throw error;
  }
}

/**
 * What files would hold after these edits. Agents give an edit as the whole file or as one piece of it; a piece counts
 * only if it occurs exactly once. Edits of one file build on each other. `unclear` lists the paths whose outcome cannot
 * be told beforehand.
 */
export async function planWrites(
  files: WorkspaceFiles,
  edits: readonly ProposedEdit[],
): Promise<{ writes: PlannedWrite[]; unclear: string[] }> {
  const planned = new Map<string, { current: CurrentFile | null; text: string | null }>();
  const unclear = new Set<string>();
  for (const edit of edits) {
    let entry = planned.get(edit.path);
    if (!entry) {
      const current = await readCurrent(files, edit.path);
      entry = { current, text: current?.text ?? null };
    }
    const text = apply(entry.text, edit);
    if (text === null) unclear.add(edit.path);
    planned.set(edit.path, { ...entry, text: text ?? entry.text });
  }
  const writes = [...planned]
    .filter(([path]) => !unclear.has(path))
    .map(([path, { current, text }]) => plannedWrite(path, current, text ?? ''));
  return { writes, unclear: [...unclear] };
}

export function plannedWrite(path: string, current: CurrentFile | null, newText: string): PlannedWrite {
  return {
    path,
    oldText: current?.text ?? null,
    newText,
    baseSha256: current?.sha256 ?? null,
    newSha256: sha256Hex(newText),
    bytes: Buffer.byteLength(newText),
  };
}

/** The text after one edit; null when it does not fit. */
function apply(present: string | null, { oldText, newText }: ProposedEdit): string | null {
  if (present === null) return oldText === null || oldText === '' ? newText : null;
  if (oldText === null || oldText === present) return newText;
  if (oldText === '') return null;
  const first = present.indexOf(oldText);
  if (first < 0 || present.includes(oldText, first + 1)) return null;
  return present.slice(0, first) + newText + present.slice(first + oldText.length);
}
