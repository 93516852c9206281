import type { Task } from '../../../contract/tasks.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { goTo, hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { when } from '../../ui/format.ts';
import { isUnfinished, taskMark } from '../../ui/marks.ts';
import { ActionButton, Empty, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { TimelineView } from '../sessions/timeline/timeline-view.tsx';

const t = en.tasks;

export function TaskView({ task }: { task: Task }) {
  const folder = useHostState((state) => state.workspaces[task.workspaceId]?.name ?? task.workspaceId);
  const now = useNow();
  const sessionId = 'sessionId' in task ? task.sessionId : null;
  return (
    <article className="card" aria-label={t.card}>
      <header className="approval-head">
        <StateMark mark={taskMark(task.state)} filled />
        <TaskButtons task={task} />
      </header>
      <Facts
        rows={[
          [t.agent, task.agent],
          [t.folder, <SafeText key="folder" text={folder} />],
          [t.mode, t.modes[task.mode].name],
          [t.by, <Principal key="by" of={task.submittedBy} />],
          [t.begun, when(task.createdAt, now)],
          ...('endedAt' in task ? [[t.ended, when(task.endedAt, now)] as const] : []),
          ...(task.state === 'failed'
            ? [[t.reason, <SafeText key="reason" text={task.reason} keep={'\n'} />] as const]
            : []),
          ...(task.state === 'done'
            ? [[t.changed, <ChangedFiles key="files" files={task.changedFiles} />] as const]
            : []),
        ]}
      />
      {task.state === 'waiting' && (
        <p className="card-note" data-tone="warning">
          {t.waits} <a href={hrefOf('approvals', task.approvals[0] ?? '')}>{t.answer}</a>
        </p>
      )}
      {sessionId === null ? <Empty icon="clock">{t.notBegun}</Empty> : <TimelineView sessionId={sessionId} />}
    </article>
  );
}

function TaskButtons({ task }: { task: Task }) {
  const { actions } = useHost();
  const key = `task.${task.id}`;
  const input = { taskId: task.id };
  async function remove(): Promise<void> {
    const result = await actions.run(key, 'tasks.remove', input, { what: t.remove });
    if (result?.ok) goTo('tasks');
  }
  return isUnfinished(task) ? (
    <ActionButton
      action={key}
      color="danger"
      onClick={() => void actions.run(key, 'tasks.cancel', input, { what: t.cancel, done: t.cancelled })}
    >
      {t.cancel}
    </ActionButton>
  ) : (
    <ActionButton action={key} onClick={() => void remove()}>
      {t.remove}
    </ActionButton>
  );
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
