import type { HostState } from '../../../contract/host-state.ts';
import type { SessionId, TaskId } from '../../../contract/ids.ts';
import type { TimelineEntry } from '../../../contract/sessions.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Cli } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { plainLine } from '../plain-text.ts';
import { timelineText } from '../timeline-text.ts';

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

/** Shows what a task does until it has ended; the exit code says how it ended. */
export async function followTask(cli: Cli, [id = '']: readonly string[]): Promise<number> {
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
  let place: number | null = null;
  const look = (state: HostState): true | null => {
    const task = state.tasks[first.id] ?? first;
    const sessionId = sessionOf(task);
    if (sessionId !== null && !hasEnded(task)) {
      stop ??= host.follow({ kind: 'timeline', sessionId }, 0, lineReader(show), () => {});
    }
    if (!cli.json && task.state === 'waiting') remind(task.approvals);
    if (!cli.json && task.state === 'queued' && task.position !== null && task.position !== place) {
      place = task.position;
      cli.note(place === 1 ? 'queued: next in line' : `queued: number ${place} in line`);
    }
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
