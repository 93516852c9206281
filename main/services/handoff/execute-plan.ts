import { HANDOFF_FILES } from '../../../contract/handoff.ts';
import { HostError } from '../../../contract/errors.ts';
import type { TaskId } from '../../../contract/ids.ts';
import type { Task, TaskDiff } from '../../../contract/tasks.ts';
import type { Log } from '../../kernel/ports.ts';
import type { Fingerprints } from './fingerprint.ts';
import type { LiveHandoff } from './live-handoff.ts';
import type { ExecutorEnd } from './loop-machine.ts';
import { withoutContextFolder } from './patch.ts';
import type { Plan } from './plan.ts';
import type { TaskDesk } from './ports.ts';
import { taskText } from './task-text.ts';

export interface ExecuteDeps {
  readonly tasks: TaskDesk;
  readonly fingerprints: Fingerprints;
  readonly log: Log;
  readonly sanitize: (text: string) => string;
  /** Resolves with the task when it has ended. */
  endOf(taskId: TaskId): Promise<Task>;
}

export interface Execution {
  readonly taskId: TaskId;
  readonly executor: ExecutorEnd;
  /** In words. */
  readonly reason: string;
  /** Files outside the context directory are different; null: not known. */
  readonly changed: boolean | null;
  /** How the folder stands afterwards; null without a repository. */
  readonly fingerprint: string | null;
}

/** Submits a task; what lets it be submitted may stand in between. */
export type Leave = (submit: () => Promise<Task>) => Promise<Task>;

/**
 * Hands one plan to the agent and waits until it has ended; then writes what it changed, and a report where the agent
 * has left none.
 * @throws HostError what `tasks.submit` refuses, `stale` from the leave, and what the path guard refuses
 */
export async function executePlan(
  deps: ExecuteDeps,
  live: LiveHandoff,
  plan: Plan,
  options: { minutes: number | undefined; leave?: Leave },
): Promise<Execution> {
  const { tasks, fingerprints } = deps;
  const { root } = live.folder;
  const iteration = live.now.iteration + 1;
  const [before, statusBefore] = [
    await fingerprintOf(deps, root.path),
    await live.folder.hashOf(HANDOFF_FILES.status),
  ];
  const { agent, workspaceId, mode, id } = live.now;
  const submit = () =>
    tasks.submit(
      {
        ...{ agent, workspace: workspaceId, mode, text: taskText(plan, iteration) },
        budget: options.minutes === undefined ? {} : { minutes: options.minutes },
        idempotencyKey: `handoff-${id}-${iteration}`,
      },
      live.caller,
    );
  const submitted = await (options.leave ?? ((run: () => Promise<Task>) => run()))(submit);
  live.change({ iteration, planSha256: plan.sha256, taskId: submitted.id, verdict: null });
  live.tell('iteration_started', `${agent} works on: ${plan.title}`, { taskId: submitted.id });
  const task = await endOrStop(deps, live, submitted.id);
  if (task === null)
    return { taskId: submitted.id, executor: 'interrupted', reason: '', changed: null, fingerprint: null };
  const diff = await tasks.diff(task.id);
  const after = await fingerprintOf({ fingerprints, log: deps.log }, root.path);
  await writeResults(deps, live, { task, diff, statusBefore });
  const changed = before === null || after === null ? changedBy(diff) : before !== after;
  const { executor, reason } = endOfTask(task, live.signal.aborted);
  live.tell(
    'iteration_executed',
    `${agent}: ${executor}${reason === '' ? '' : `, ${reason}`}; ${changed === false ? 'no file was changed' : `${diff.files.length} files changed`}`,
    { taskId: task.id },
  );
  return { taskId: task.id, executor, reason, changed, fingerprint: after };
}

/** Null when the host ends: the task ends with it, and is not waited for; one that is queued would outlive it. */
async function endOrStop(
  { tasks, endOf }: ExecuteDeps,
  live: LiveHandoff,
  taskId: TaskId,
): Promise<Task | null> {
  const ended = endOf(taskId);
  const stopped = new Promise<null>((resolve) => {
    if (live.signal.aborted) resolve(null);
    live.signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const first = await Promise.race([ended, stopped]);
  if (first !== null) return first;
  if (live.stoppedBy === 'host') {
    await tasks.withdraw(taskId);
    return null;
  }
  await tasks.cancel(taskId, live.caller).catch((error: unknown) => {
    // It has ended by itself meanwhile.
    if (!(error instanceof HostError && error.code === 'conflict')) throw error;
  });
  return ended;
}

/** How the task ended, as a loop sees it. Pure. */
function endOfTask(task: Task, stopped: boolean): { executor: ExecutorEnd; reason: string } {
  switch (task.state) {
    case 'done':
      return task.stopReason === 'end_turn'
        ? { executor: 'done', reason: '' }
        : { executor: 'failed', reason: `the agent ended its turn with "${task.stopReason}"` };
    case 'failed':
      // Of budgets a handoff gives minutes only.
      return ['time', 'idle', 'budget'].includes(task.cause)
        ? { executor: 'timed_out', reason: task.reason }
        : { executor: 'failed', reason: task.reason };
    case 'cancelled':
      return stopped
        ? { executor: 'interrupted', reason: 'it was stopped' }
        : { executor: 'cancelled', reason: 'the task was cancelled' };
    default:
      return { executor: 'interrupted', reason: 'the task was interrupted' };
  }
}

async function writeResults(
  { sanitize }: ExecuteDeps,
  live: LiveHandoff,
  { task, diff, statusBefore }: { task: Task; diff: TaskDiff; statusBefore: string | null },
): Promise<void> {
  const notes = [
    ...(diff.truncated ? ['cut: there is more'] : []),
    ...(diff.redacted ? ['secrets were replaced: it cannot be applied as it is'] : []),
    ...(diff.note === '' ? [] : [diff.note]),
  ];
  const head = notes.map((note) => `# ${note}\n`).join('');
  await live.folder.write(HANDOFF_FILES.diff, head + withoutContextFolder(diff.diff));
  if ((await live.folder.hashOf(HANDOFF_FILES.status)) === statusBefore)
    await live.folder.write(HANDOFF_FILES.status, sanitize(statusText(task, diff)));
}

function statusText(task: Task, diff: TaskDiff): string {
  const files = diff.files.map(({ path, change }) => `- ${change} ${path}`);
  return [
    '# Status',
    '',
    `The agent has left no report. Its task ${task.id} is ${task.state}${'reason' in task ? `: ${task.reason}` : '.'}`,
    '',
    '## Changes',
    '',
    ...(files.length === 0 ? ['None that is known.'] : files),
    ...('summary' in task && task.summary !== '' ? ['', '## What it said last', '', task.summary] : []),
    '',
  ].join('\n');
}

const changedBy = (diff: TaskDiff): boolean | null =>
  diff.source === 'none' && diff.note !== '' ? null : withoutContextFolder(diff.diff) !== '';

async function fingerprintOf(
  { fingerprints, log }: Pick<ExecuteDeps, 'fingerprints' | 'log'>,
  folder: string,
): Promise<string | null> {
  try {
    return (await fingerprints.of(folder))?.sha256 ?? null;
  } catch (error) {
    log.warn({ error: String(error) }, 'the state of a folder could not be told');
    return null;
  }
}
