import type { ReactNode } from 'react';
import type { Task } from '../../../contract/tasks.ts';
import { Principal } from '../../host/principal.tsx';
import { useHostState } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { bytes, duration, when } from '../../ui/format.ts';
import { isUnfinished, taskMark } from '../../ui/marks.ts';
import { Empty, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { TimelineView } from '../sessions/timeline/timeline-view.tsx';
import { TaskChanges } from './task-changes.tsx';
import { Steer, TaskButtons } from './task-deeds.tsx';
import { TaskUse } from './task-use.tsx';

const t = en.tasks;

export function TaskView({ task }: { task: Task }) {
  const sessionId = 'sessionId' in task ? task.sessionId : null;
  const isOngoing = task.state === 'running' || task.state === 'waiting';
  return (
    <article className="card" aria-label={t.card}>
      <header className="approval-head">
        <StateMark mark={taskMark(task.state)} filled />
        <TaskButtons task={task} />
      </header>
      <Advice task={task} />
      <TaskFacts task={task} />
      {isOngoing && <Steer task={task} />}
      {task.state !== 'queued' && <TaskChanges task={task} />}
      {sessionId === null ? <Empty icon="clock">{t.notBegun}</Empty> : <TimelineView sessionId={sessionId} />}
    </article>
  );
}

/** What a person can do about the state it is in. */
function Advice({ task }: { task: Task }) {
  if (task.state === 'waiting')
    return (
      <p className="card-note" data-tone="warning">
        {t.waits} <a href={hrefOf('approvals', task.approvals[0] ?? '')}>{t.answer}</a>
      </p>
    );
  if (task.state === 'queued' && task.position !== null)
    return <p className="card-note">{t.position(task.position)}</p>;
  const text =
    task.state === 'failed'
      ? t.advice[task.cause]
      : task.state === 'interrupted'
        ? t.interruptedMeans
        : task.delivery === 'unknown'
          ? t.deliveries.unknown
          : '';
  return text === '' ? null : (
    <p className="card-note" data-tone="warning">
      {text}
    </p>
  );
}

type Row = readonly [string, ReactNode];

function TaskFacts({ task }: { task: Task }) {
  const folder = useHostState((state) => state.workspaces[task.workspaceId]?.name ?? task.workspaceId);
  const now = useNow();
  const ranMs = ranFor(task, now);
  const { output } = task;
  const rows: readonly Row[] = [
    [t.words, <SafeText key="text" text={task.text} keep={'\n'} />],
    [t.agent, task.agent],
    [t.folder, <SafeText key="folder" text={folder} />],
    [t.mode, t.modes[task.mode].name],
    [t.by, <Principal key="by" of={task.submittedBy} />],
    [t.begun, when(task.createdAt, now)],
    ...(ranMs === null ? [] : [[t.ran, duration(ranMs)] as const]),
    ...('endedAt' in task ? [[t.ended, when(task.endedAt, now)] as const] : []),
    [t.delivery, t.deliveries[task.delivery]],
    ...('agentSeenAt' in task
      ? [[t.seen, task.agentSeenAt === null ? t.never : when(task.agentSeenAt, now)] as const]
      : []),
    [t.used, <TaskUse key="use" task={task} ranMs={ranMs} />],
    ...(output.bytes + output.toolCalls > 0 ? [[t.output, outputText(task)] as const] : []),
    ...(task.steered > 0 ? [[t.steer, t.steered(task.steered)] as const] : []),
    ...(task.retryOf === null ? [] : [[t.retryOf, <Earlier key="retry" id={task.retryOf} />] as const]),
    ...(task.state === 'failed'
      ? [[t.reason, <SafeText key="reason" text={task.reason} keep={'\n'} />] as const]
      : []),
    ...(task.state === 'done'
      ? [[t.changed, <ChangedFiles key="files" files={task.changedFiles} />] as const]
      : []),
  ];
  return <Facts rows={rows} />;
}

function outputText({ output }: Task): string {
  const said = t.said(bytes(output.bytes), output.toolCalls);
  return output.droppedBytes === 0 ? said : `${said}; ${t.dropped(bytes(output.droppedBytes))}`;
}

/** From its start to its end, or to now. */
function ranFor(task: Task, now: number): number | null {
  if (!('startedAt' in task)) return null;
  const end = isUnfinished(task) || !('endedAt' in task) ? now : Date.parse(task.endedAt);
  return Math.max(0, end - Date.parse(task.startedAt));
}

function Earlier({ id }: { id: string }) {
  return <a href={hrefOf('tasks', id)}>{t.earlier}</a>;
}

function ChangedFiles({ files }: { files: readonly string[] }) {
  if (files.length === 0) return t.nothingChanged;
  return (
    <ul className="plain-list">
      {files.map((file) => (
        <li key={file}>
          <code>
            <SafeText text={file} />
          </code>
        </li>
      ))}
    </ul>
  );
}
