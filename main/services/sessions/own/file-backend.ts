import type { SessionNotice, SessionUsage } from '../../../../contract/sessions.ts';
import type { Backend, Found } from './backend.ts';
import type { Env, FileFormat } from './file-format.ts';
import type { OwnFacts } from './own-session.ts';
import { createSessionIndex, MAX_READ_BYTES } from './session-index.ts';
import { filesBelow, openStoreFile, realRoot, storeLines, type StoreFile } from './store-files.ts';

const MAX_FILES = 3000;
const HEAD_LINES = 200;
const HEAD_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;
const PROJECT_BYTES = 4096;

type Known = { readonly key: string; readonly facts: OwnFacts | 'hidden' | null | 'broken' };

/** A store of files. Heads are read once and again when a file has changed; one that is broken never breaks the list. */
export function createFileBackend(format: FileFormat, env: Env): Backend {
  const { store } = format;
  const index = createSessionIndex(format);
  let known = new Map<string, Known>();

  async function look(): ReturnType<Backend['look']> {
    const root = await realRoot(format.folder(env));
    if (root === null) return { state: 'absent', found: [], hidden: 0, notices: [] };
    const { files, leftOut } = await filesBelow(root, {
      depth: format.depth,
      most: MAX_FILES,
      isWanted: (relative) => format.isSession(relative),
    });
    const before = known;
    known = new Map();
    for (const file of files) {
      const key = `${file.ino}:${file.size}:${file.mtimeMs}`;
      const cached = before.get(file.path);
      const facts =
        cached?.key === key ? cached.facts : await factsOf(root, file).catch(() => 'broken' as const);
      known.set(file.path, { key, facts });
    }
    const broken = files.filter((file) => isBroken(known.get(file.path))).length;
    return {
      state: 'read',
      found: distinct(files.flatMap((file) => foundOf(file, known.get(file.path)))),
      hidden: files.filter((file) => known.get(file.path)?.facts === 'hidden').length,
      notices: noticesOf(broken, leftOut, root),
    };
  }

  async function factsOf(root: string, file: StoreFile): Promise<OwnFacts | 'hidden' | null> {
    const values: unknown[] = [];
    for await (const { value } of storeLines(file.path, 0, Math.min(file.size, HEAD_BYTES))) {
      values.push(value);
      if (values.length >= HEAD_LINES || format.isEnough(values)) break;
    }
    const projectRoot = format.projectFile
      ? await smallFile(`${root}/${format.projectFile(file.relative)}`)
      : null;
    const facts = format.facts(values, { relative: file.relative, projectRoot });
    return facts === null || facts === 'hidden' ? facts : { ...facts, usage: await usageAtEnd(file) };
  }

  /** What the session has used so far stands near its end, if anywhere. */
  async function usageAtEnd(file: StoreFile): Promise<SessionUsage | null> {
    let usage: SessionUsage | null = null;
    for await (const { value } of storeLines(file.path, Math.max(0, file.size - TAIL_BYTES), file.size))
      usage = format.usage(value) ?? usage;
    return usage;
  }

  function noticesOf(broken: number, leftOut: number, root: string): SessionNotice[] {
    const notices: SessionNotice[] = [];
    if (broken > 0)
      notices.push({
        code: 'unreadable',
        store,
        count: broken,
        message: `${broken} of the files of ${store} in ${root} could not be read as sessions`,
      });
    if (leftOut > 0)
      notices.push({
        code: 'capped',
        store,
        count: leftOut,
        message: `only the newest ${MAX_FILES} sessions of ${store} are looked at; ${leftOut} older ones are left out`,
      });
    return notices;
  }

  return {
    store,
    look,
    epoch: (found) => Promise.resolve(index.epoch(fileOf(found))),
    length: (found) => index.length(fileOf(found)),
    async *entries(found, from, damaged) {
      const file = fileOf(found);
      yield* index.entries(file, from, damaged);
      if (file.size <= MAX_READ_BYTES) return;
      const detail = `only the first ${MAX_READ_BYTES / 1024 / 1024} MiB of this session are read`;
      yield { seq: await index.length(file), at: null, entry: { kind: 'state', state: 'truncated', detail } };
    },
  };
}

const isBroken = (known: Known | undefined): boolean => known?.facts === null || known?.facts === 'broken';

function foundOf(file: StoreFile, known: Known | undefined): Found[] {
  const facts = known?.facts ?? null;
  if (facts === null || facts === 'hidden' || facts === 'broken') return [];
  return [{ facts, file, lastActiveAt: file.mtimeMs }];
}

/** Of two files that claim the same id the one that was written to last counts. */
function distinct(found: readonly Found[]): Found[] {
  const ids = new Set<string>();
  return found.filter(({ facts }) => !ids.has(facts.id) && ids.add(facts.id));
}

function fileOf({ file }: Found): StoreFile {
  if (!file) throw new Error('this session has no file');
  return file;
}

async function smallFile(path: string): Promise<string | null> {
  try {
    const handle = await openStoreFile(path);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PROJECT_BYTES), 0, PROJECT_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead).trim();
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
