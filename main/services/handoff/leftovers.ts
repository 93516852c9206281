import { HANDOFF_FILES, type Handoff } from '../../../contract/handoff.ts';
import { instant, type Clock, type Log } from '../../kernel/ports.ts';
import { openContextFolder } from './context-folder.ts';
import type { HandoffStore } from './handoff-store.ts';
import type { HandoffRoots, TaskDesk, Workspaces } from './ports.ts';
import { runStateText, type Lease } from './run-state.ts';

export interface LeftoverDeps {
  readonly store: HandoffStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly tasks: Pick<TaskDesk, 'withdraw'>;
  readonly workspaces: Workspaces;
  readonly roots: HandoffRoots;
  readonly lease: Lease;
}

/**
 * Ends what an earlier run of the host left running, in the database and in the files. It is never gone on with: a task
 * of it that is still queued is withdrawn, so this comes before any task is started.
 */
export async function interruptLeftovers(deps: LeftoverDeps): Promise<void> {
  const { store, clock, log, workspaces } = deps;
  for (const handoff of store.running()) {
    const endedAt = instant(clock.now());
    const now: Handoff = {
      ...{ ...handoff, state: 'interrupted', stopReason: 'interrupted', approvalId: null, endedAt },
      reason: 'its host ended before it did',
    };
    store.save(now);
    if (now.taskId !== null)
      await deps.tasks.withdraw(now.taskId).catch((error: unknown) => {
        log.warn({ handoffId: now.id, error: String(error) }, 'the task of a handoff could not be withdrawn');
      });
    const workspace = workspaces.byId(handoff.workspaceId);
    if (!workspace) continue;
    await writeEnd(deps, now, workspace.path).catch((error: unknown) => {
      log.warn({ handoffId: now.id, error: String(error) }, 'the files of a handoff could not be written');
    });
  }
}

async function writeEnd({ roots, clock, lease }: LeftoverDeps, now: Handoff, path: string): Promise<void> {
  const root = roots.open(path);
  try {
    const folder = await openContextFolder(root);
    const at = instant(clock.now());
    await folder.write(HANDOFF_FILES.runState, runStateText(now, lease, at));
    const { id: handoff, iteration, planSha256: planHash, reason: text } = now;
    await folder.addLogLine({ ts: at, event: 'handoff_finished', handoff, iteration, planHash, text });
  } finally {
    root.close();
  }
}
