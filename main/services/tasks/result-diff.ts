import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import { TaskId } from '../../../contract/ids.ts';
import type { ChangedFile, TaskDiff } from '../../../contract/tasks.ts';
import { lineDiff } from '../../acp/line-diff.ts';
import type { Root } from '../../guard/path-guard.ts';
import { instant, type Clock, type Log } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import type { WrittenFile } from './conversation.ts';
import { createGitTrees } from './git-tree.ts';
import type { TaskRoots } from './ports.ts';

const MAX_DIFF_BYTES = 512 * 1024;

export interface ResultDiffsDeps {
  readonly groups: ProcessGroups;
  readonly clock: Clock;
  readonly log: Log;
  readonly roots: TaskRoots;
  /** A private folder for what git makes; it need not exist. */
  readonly scratchDir: string;
  /** The outbound gate for diffs. */
  readonly sanitizeDiff: (text: string) => string;
}

/** What tasks change, told by comparing their folder with what it was. */
export interface ResultDiffs {
  /** Remembers the folder as it is before the task begins. Never rejects: where it cannot, writes are all there is. */
  begin(taskId: TaskId, folder: string): Promise<void>;
  /**
   * The folder now against the folder then.
   * @param written what is known to have been written, for where git knows nothing
   */
  take(
    task: { id: TaskId },
    folder: string,
    written: readonly WrittenFile[],
    final: boolean,
  ): Promise<TaskDiff>;
  /** Forgets what was remembered. */
  forget(taskId: TaskId): void;
  /** Tasks of an earlier run of the host that are still remembered. */
  leftover(): TaskId[];
}

export function createResultDiffs(deps: ResultDiffsDeps): ResultDiffs {
  const { clock, log, roots, sanitizeDiff } = deps;
  const trees = createGitTrees(deps);
  const scratchOf = (id: TaskId) => join(deps.scratchDir, TaskId.parse(id));
  const startOf = (id: TaskId) => join(scratchOf(id), 'start');

  async function inFolder<T>(
    folder: string,
    id: TaskId,
    work: (place: Parameters<typeof trees.snapshot>[0]) => Promise<T>,
  ): Promise<T> {
    const root: Root = roots.open(folder);
    try {
      return await work({ root: root.path, scratch: scratchOf(id), blocked: root.blocked });
    } finally {
      root.close();
    }
  }

  function finished(
    id: TaskId,
    final: boolean,
    part: Omit<TaskDiff, 'taskId' | 'final' | 'takenAt' | 'redacted'>,
  ): TaskDiff {
    const clean = sanitizeDiff(part.diff);
    return {
      ...part,
      taskId: id,
      final,
      takenAt: instant(clock.now()),
      diff: clean,
      redacted: clean !== part.diff,
    };
  }

  return {
    async begin(taskId, folder) {
      const scratch = scratchOf(taskId);
      try {
        mkdirSync(scratch, { recursive: true, mode: 0o700 });
        const tree = await inFolder(folder, taskId, (place) => trees.snapshot(place));
        writeFileSync(startOf(taskId), tree, { mode: 0o600 });
      } catch (error) {
        const note = error instanceof HostError ? error.message : 'git could not be asked';
        log.info({ taskId, error: String(error) }, 'the state of the folder is not known to git');
        try {
          rmSync(scratch, { recursive: true, force: true });
          mkdirSync(scratch, { recursive: true, mode: 0o700 });
          writeFileSync(join(scratch, 'note'), note.slice(0, 256), { mode: 0o600 });
        } catch (problem) {
          log.warn({ taskId, error: String(problem) }, 'no folder for the result of a task');
        }
      }
    },

    async take({ id }, folder, written, final) {
      let note = read(join(scratchOf(id), 'note')) ?? 'the state of the folder at the start is not known';
      const start = read(startOf(id));
      if (start !== null) {
        try {
          const found = await inFolder(folder, id, async (place) =>
            trees.between(place, start, await trees.snapshot(place), MAX_DIFF_BYTES),
          );
          return finished(id, final, { ...found, source: 'git', note: '' });
        } catch (error) {
          note = error instanceof HostError ? error.message : 'git could not be asked';
          log.warn({ taskId: id, error: String(error) }, 'the result of a task could not be read with git');
        }
      }
      return finished(id, final, { ...ofWrites(written), note: note.slice(0, 512) });
    },

    forget(taskId) {
      rmSync(scratchOf(taskId), { recursive: true, force: true });
    },

    leftover() {
      if (!existsSync(deps.scratchDir)) return [];
      return readdirSync(deps.scratchDir).flatMap((name) => {
        const id = TaskId.safeParse(name);
        return id.success ? [id.data] : [];
      });
    },
  };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** What passed the host itself: complete for agents that write through it, and only for those. */
function ofWrites(
  written: readonly WrittenFile[],
): Pick<TaskDiff, 'source' | 'files' | 'diff' | 'truncated'> {
  const changed = written.filter(({ oldText, newText }) => oldText !== newText);
  if (changed.length === 0) return { source: 'none', files: [], diff: '', truncated: false };
  const files = changed.slice(0, 1000).map(({ path, oldText, newText }): ChangedFile => ({
    path,
    change: oldText === null ? 'added' : 'modified',
    ...countLines(lineDiff(path, oldText, newText)),
  }));
  const whole = changed.map(({ path, oldText, newText }) => lineDiff(path, oldText, newText)).join('');
  return {
    source: 'writes',
    files,
    diff: whole.slice(0, MAX_DIFF_BYTES),
    truncated: whole.length > MAX_DIFF_BYTES,
  };
}

function countLines(diff: string): { added: number; removed: number } {
  const lines = diff.split('\n').slice(2);
  const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length;
  return { added: count('+'), removed: count('-') };
}
