import type { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import type { HostState } from '../../../contract/host-state.ts';
import type { SessionId, TaskId } from '../../../contract/ids.ts';
import type { TimelineEntry } from '../../../contract/sessions.ts';
import type { Task, TaskMode } from '../../../contract/tasks.ts';
import { workspaceRef, type Cli, type Verbs } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { facts, plainLine, table } from '../plain-text.ts';
import { timelineText } from '../timeline-text.ts';

interface SubmitOptions {
  agent: string;
  workspace: string;
  mode?: TaskMode;
  idempotencyKey?: string;
}

/** Work for agents. */
export function addTaskVerbs(program: Command, { verb, group }: Verbs): void {
  const task = group(program, 'task', 'give agents work and watch it');
  verb<SubmitOptions>(
    task,
    'submit <text...>',
    'give an agent a task in a workspace',
    async (cli, text, { agent, workspace, mode, idempotencyKey }) => {
      const submitted = await cli.call('tasks.submit', {
        agent,
        workspace: workspaceRef(workspace),
        text: text.join(' '),
        ...(mode && { mode }),
        idempotencyKey: idempotencyKey ?? randomBytes(16).toString('base64url'),
      });
      cli.answer(
        submitted,
        `${submitted.id} is ${submitted.state}; watch it: signalbox task follow ${submitted.id}`,
      );
    },
    (command) =>
      command
        .requiredOption('--agent <name>', 'which agent: signalbox agents list')
        .requiredOption('--workspace <workspace>', 'where: path, name or id')
        .addOption(
          command
            .createOption('--mode <mode>', 'what it may do without being asked')
            .choices(['read', 'ask', 'auto']),
        )
        .option('--idempotency-key <key>', 'the same key gives the same task back'),
  );
  verb(task, 'list', 'tasks, newest first', async (cli) => {
    const answer = await cli.call('tasks.list', {});
    const rows = answer.tasks.map((one) => [
      one.id,
      one.state,
      one.agent,
      one.createdAt,
      plainLine(one.text, 60),
    ]);
    cli.answer(
      answer,
      rows.length === 0 ? 'no task yet' : table(['ID', 'STATE', 'AGENT', 'CREATED', 'TEXT'], rows),
    );
  });
  verb(task, 'show <id>', 'one task', async (cli, [id = '']) => {
    const one = await cli.call('tasks.get', { taskId: id });
    cli.answer(one, taskText(one));
  });
  verb(task, 'follow <id>', 'watch a task until it ends', followTask);
  verb(task, 'cancel <id>', 'cancel a task', async (cli, [id = '']) => {
    const one = await cli.call('tasks.cancel', { taskId: id });
    cli.answer(one, `${one.id} is ${one.state}`);
  });
}

function taskText(task: Task): string {
  return facts([
    ['task', task.id],
    ['state', task.state],
    ['agent', `${task.agent}, mode ${task.mode}`],
    ['submitted', `${task.createdAt} by ${task.submittedBy}`],
    ...('endedAt' in task ? [['ended', task.endedAt] as const] : []),
    ...('reason' in task ? [['reason', task.reason] as const] : []),
    ...('changedFiles' in task ? [['changed', task.changedFiles.join(', ') || 'no file'] as const] : []),
    ...('summary' in task && task.summary !== '' ? [['summary', task.summary] as const] : []),
    ...('approvals' in task ? [['waits for', task.approvals.join(', ')] as const] : []),
    ['text', task.text],
  ]);
}

const hasEnded = (task: Task): boolean => !['queued', 'running', 'waiting'].includes(task.state);

/** Shows each entry once, in order, whichever way it came. */
function createShower(cli: Cli) {
  let shown = -1;
  return {
    get last() {
      return shown;
    },
    show(entry: TimelineEntry): void {
      if (entry.seq <= shown) return;
      shown = entry.seq;
      cli.item(entry, timelineText(entry));
    },
  };
}

async function followTask(cli: Cli, [id = '']: readonly string[]): Promise<number> {
  const taskId = id as TaskId;
  const first = await cli.call('tasks.get', { taskId });
  const { last, show } = await followTimeline(cli, first);
  const task = await cli.call('tasks.get', { taskId });
  const sessionId = sessionOf(task);
  if (sessionId !== null) await showRest(cli, sessionId, last(), show);
  if (!cli.json)
    cli.note(`${task.id} is ${task.state}${'reason' in task ? `: ${plainLine(task.reason, 1000)}` : ''}`);
  return task.state === 'done' ? Exit.done : Exit.failed;
}

const sessionOf = (task: Task): SessionId | null => ('sessionId' in task ? task.sessionId : null);

/** Follows the timeline as it grows; resolves when the task has ended. */
async function followTimeline(cli: Cli, first: Task) {
  const shower = createShower(cli);
  const show = (entry: TimelineEntry) => shower.show(entry);
  const host = await cli.host();
  const remind = createReminder(cli);
  let stop: (() => void) | null = null;
  const look = (state: HostState): true | null => {
    const task = state.tasks[first.id] ?? first;
    const sessionId = sessionOf(task);
    if (sessionId !== null && !hasEnded(task)) {
      stop ??= host.follow({ kind: 'timeline', sessionId }, 0, lineReader(show), () => {});
    }
    if (!cli.json && task.state === 'waiting') remind(task.approvals);
    return hasEnded(task) || !state.tasks[first.id] ? true : null;
  };
  if (!hasEnded(first)) await host.watch(look);
  (stop as (() => void) | null)?.();
  return { last: () => shower.last, show };
}

/** Says of each approval once that the task waits for it. */
function createReminder(cli: Cli): (approvals: readonly string[]) => void {
  const told = new Set<string>();
  return (approvals) => {
    for (const id of approvals.filter((one) => !told.has(one))) {
      told.add(id);
      cli.note(`waits for you: signalbox approvals show ${id}`);
    }
  };
}

function lineReader(show: (entry: TimelineEntry) => void): (chunk: { text: string }) => void {
  let pending = '';
  return ({ text }) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line !== '') show(JSON.parse(line) as TimelineEntry);
  };
}

async function showRest(
  cli: Cli,
  sessionId: SessionId,
  from: number,
  show: (entry: TimelineEntry) => void,
): Promise<void> {
  try {
    for (let afterSeq = from; ;) {
      const page = await cli.call('sessions.timeline', { sessionId, afterSeq });
      page.entries.forEach(show);
      afterSeq = page.entries.at(-1)?.seq ?? afterSeq;
      if (!page.more || page.entries.length === 0) return;
    }
  } catch (error) {
    // A conversation that was deleted meanwhile does not change how the task ended.
    if (!(error instanceof Failure) || error.code !== 'not_found') throw error;
  }
}
