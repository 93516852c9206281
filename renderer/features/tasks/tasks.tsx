import { Button } from '@mantine/core';
import type { Task } from '../../../contract/tasks.ts';
import { useHostState } from '../../host/use-host.tsx';
import { goTo, hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { duration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { taskMark } from '../../ui/marks.ts';
import { ActionButton, Card, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { NewTask } from './new-task.tsx';
import { groupedTasks } from './task-groups.ts';
import { TaskView } from './task-view.tsx';

const t = en.tasks;

export default function Tasks({ item }: { item: string | null }) {
  const tasks = useHostState((state) => state.tasks);
  const open = item === null ? undefined : tasks[item];
  const groups = groupedTasks(tasks);
  const create = (
    <>
      <Button variant="default" component="a" href={hrefOf('agents')}>
        <Icon name="agents" /> {en.agents.toAgents}
      </Button>
      <Button variant="default" component="a" href={hrefOf('sessions')}>
        <Icon name="clock" /> {en.sessions.toSessions}
      </Button>
      <ActionButton action="task.form" variant="filled" onClick={() => goTo('tasks', '_new')}>
        <Icon name="plus" /> <span className="button-word">{t.create}</span>
      </ActionButton>
    </>
  );
  return (
    <Page title={en.screens.tasks} lead={t.lead} actions={create}>
      {item === '_new' && <NewTask onClose={() => goTo('tasks')} />}
      {Object.keys(tasks).length === 0 ? (
        <Empty icon="tasks">{t.empty}</Empty>
      ) : (
        <div className="split">
          <div className="stack">
            {(['waiting', 'working', 'ended'] as const).map((name) => (
              <Group key={name} title={t.groups[name]} tasks={groups[name]} current={open?.id ?? null} />
            ))}
          </div>
          {open ? <TaskView key={open.id} task={open} /> : <Empty icon="tasks">{t.choose}</Empty>}
        </div>
      )}
    </Page>
  );
}

function Group({ title, tasks, current }: { title: string; tasks: readonly Task[]; current: string | null }) {
  const now = useNow();
  if (tasks.length === 0) return null;
  return (
    <Card title={`${title} · ${tasks.length}`} flush>
      <ul className="lines lines-tall" aria-label={title}>
        {tasks.map((task) => (
          <li key={task.id}>
            <a href={hrefOf('tasks', task.id)} aria-current={task.id === current ? 'true' : undefined}>
              <span className="line-top">
                <StateMark mark={taskMark(task.state)} />
                <span className="muted">
                  {task.agent} · {duration(now - Date.parse(task.createdAt))}
                </span>
              </span>
              <span className="line-title">
                <SafeText text={task.text} keep={'\n'} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
