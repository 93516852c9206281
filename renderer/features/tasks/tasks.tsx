import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Task } from '../../../contract/tasks.ts';
import { useHostState } from '../../host/use-host.tsx';
import { goTo, hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { duration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { taskMark } from '../../ui/marks.ts';
import { Opened } from '../../ui/opened.tsx';
import { ActionButton, Card, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { NewTask } from './new-task.tsx';
import { Predefined } from './predefined.tsx';
import { groupedTasks, noFilter, type TaskFilter } from './task-groups.ts';
import { TaskView } from './task-view.tsx';

const t = en.tasks;
const GROUPS = ['waiting', 'working', 'queued', 'ended'] as const;
/** More of a group is drawn when somebody asks for it. */
const FIRST = 50;

export default function Tasks({ item }: { item: string | null }) {
  const tasks = useHostState((state) => state.tasks);
  const [filter, setFilter] = useState(noFilter);
  const open = item === null ? undefined : tasks[item];
  return (
    <Page title={en.screens.tasks} lead={t.lead} actions={<WaysOn />}>
      {item === '_new' && <NewTask onClose={() => goTo('tasks')} />}
      {item === '_predefined' && <Predefined onClose={() => goTo('tasks')} />}
      {Object.keys(tasks).length === 0 ? (
        <NoTask />
      ) : (
        <>
          <Filters filter={filter} onChange={setFilter} />
          <div className="split">
            <Groups
              groups={groupedTasks(tasks, filter)}
              current={open?.id ?? null}
              onShowAll={() => setFilter(noFilter)}
            />
            {open ? (
              <Opened key={open.id}>
                <TaskView task={open} />
              </Opened>
            ) : (
              <Empty icon="tasks">{item === null || item.startsWith('_') ? t.choose : t.gone}</Empty>
            )}
          </div>
        </>
      )}
    </Page>
  );
}

/** Where one goes from here: to what tasks are made of, and to a new one. */
function WaysOn() {
  return (
    <>
      <Button variant="default" component="a" href={hrefOf('tasks', '_predefined')}>
        {t.predefined}
      </Button>
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
}

function NoTask() {
  const create = (
    <ActionButton action="task.form" onClick={() => goTo('tasks', '_new')}>
      {t.create}
    </ActionButton>
  );
  return (
    <Empty icon="tasks" action={create}>
      {t.empty}
    </Empty>
  );
}

function Groups(props: {
  groups: ReturnType<typeof groupedTasks>;
  current: string | null;
  onShowAll: () => void;
}) {
  const { groups, current, onShowAll } = props;
  const showAll = (
    <Button variant="default" onClick={onShowAll}>
      {t.showAll}
    </Button>
  );
  return (
    <div className="stack">
      {GROUPS.every((name) => groups[name].length === 0) && (
        <Empty icon="search" action={showAll}>
          {t.noMatch}
        </Empty>
      )}
      {GROUPS.map((name) => (
        <Group key={name} title={t.groups[name]} tasks={groups[name]} current={current} />
      ))}
    </div>
  );
}

function Filters({ filter, onChange }: { filter: TaskFilter; onChange: (filter: TaskFilter) => void }) {
  const agents = useHostState((state) => state.agents);
  const folders = useHostState((state) => state.workspaces);
  return (
    <div className="task-filters" role="search" aria-label={t.find}>
      <TextInput
        aria-label={t.find}
        placeholder={t.find}
        leftSection={<Icon name="search" />}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label={t.agent}
        value={filter.agent}
        onChange={(event) => onChange({ ...filter, agent: event.currentTarget.value })}
        data={[
          { value: '', label: t.anyAgent },
          ...Object.values(agents).map(({ name, title }) => ({ value: name, label: title || name })),
        ]}
      />
      <NativeSelect
        aria-label={t.folder}
        value={filter.workspaceId}
        onChange={(event) => onChange({ ...filter, workspaceId: event.currentTarget.value })}
        data={[
          { value: '', label: t.anyFolder },
          ...Object.values(folders).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
    </div>
  );
}

function Group({ title, tasks, current }: { title: string; tasks: readonly Task[]; current: string | null }) {
  const now = useNow();
  const [shown, setShown] = useState(FIRST);
  if (tasks.length === 0) return null;
  return (
    <Card title={`${title} · ${tasks.length}`} flush>
      <ul className="lines lines-tall" aria-label={title}>
        {tasks.slice(0, shown).map((task) => (
          <li key={task.id}>
            <a href={hrefOf('tasks', task.id)} aria-current={task.id === current ? 'true' : undefined}>
              <span className="line-top">
                <StateMark mark={taskMark(task.state)} />
                <span className="muted">
                  {task.agent} · {duration(now - Date.parse(task.createdAt))}
                  {task.state === 'queued' && task.position !== null && ` · ${t.position(task.position)}`}
                </span>
              </span>
              <span className="line-title">
                <SafeText text={task.text} keep={'\n'} />
              </span>
            </a>
          </li>
        ))}
      </ul>
      {tasks.length > shown && (
        <button type="button" className="plain-button" onClick={() => setShown(shown + FIRST)}>
          {t.more(Math.min(FIRST, tasks.length - shown))}
        </button>
      )}
    </Card>
  );
}
