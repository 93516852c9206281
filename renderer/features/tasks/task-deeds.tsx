import { Button, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Task } from '../../../contract/tasks.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { isUnfinished } from '../../ui/marks.ts';
import { ActionButton } from '../../ui/parts.tsx';
import { ContinueSession } from '../sessions/continue-session.tsx';

const t = en.tasks;

/** What can be done with a task as a whole. */
export function TaskButtons({ task }: { task: Task }) {
  const { actions } = useHost();
  const key = `task.${task.id}`;
  const input = { taskId: task.id };
  // One key as long as this task is shown: pressing the button again after a lost connection gives the same task back.
  const idempotencyKey = useMemo(() => crypto.randomUUID(), []);
  const [continuing, setContinuing] = useState(false);
  const sessionId = 'sessionId' in task ? task.sessionId : null;
  const session = useHostState((state) => (sessionId === null ? undefined : state.sessions[sessionId]));
  if (isUnfinished(task)) {
    const stop = () => actions.run(key, 'tasks.cancel', input, { what: t.cancel, done: t.cancelled });
    return (
      <ActionButton action={key} color="danger" onClick={() => void stop()}>
        {t.cancel}
      </ActionButton>
    );
  }
  async function retry(): Promise<void> {
    const again = await actions.run(
      key,
      'tasks.retry',
      { ...input, idempotencyKey },
      { what: t.retry, done: t.retried },
    );
    if (again?.ok) goTo('tasks', again.value.id);
  }
  async function remove(): Promise<void> {
    const result = await actions.run(key, 'tasks.remove', input, { what: t.remove });
    if (result?.ok) goTo('tasks');
  }
  return (
    <div className="buttons">
      <ActionButton action={key} onClick={() => void retry()}>
        {t.retry}
      </ActionButton>
      {session && session.state !== 'deleted' && (
        <Button variant="default" onClick={() => setContinuing(true)}>
          {t.continue}
        </Button>
      )}
      <ActionButton action={key} onClick={() => void remove()}>
        {t.remove}
      </ActionButton>
      {continuing && session && <ContinueSession session={session} onClose={() => setContinuing(false)} />}
    </div>
  );
}

/** Ends the turn of a task that runs and tells its agent something else. */
export function Steer({ task }: { task: Task }) {
  const { actions } = useHost();
  const [text, setText] = useState('');
  const key = `task.steer.${task.id}`;
  async function steer(): Promise<void> {
    const input = { taskId: task.id, text: text.trim() };
    const result = await actions.run(key, 'tasks.steer', input, { what: t.steerSend, done: t.steeredNow });
    if (result?.ok) setText('');
  }
  return (
    <form
      className="task-steer"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void steer();
      }}
    >
      <Textarea
        label={t.steer}
        description={t.steerHint}
        rows={2}
        maxLength={65_536}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ActionButton action={key} submit disabled={text.trim() === ''}>
        {t.steerSend}
      </ActionButton>
    </form>
  );
}
