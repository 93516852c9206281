import { Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Session } from '../../../contract/sessions.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import { useHost } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { createFormKey } from '../tasks/form-key.ts';
import { ModeChoice } from '../tasks/mode-choice.tsx';

const t = en.sessions;

/** Begun here by the owner of this machine, not by an agent alone or by somebody else. */
const isOwn = (session: Session): boolean =>
  session.origin === 'task' && (session.startedBy?.startsWith('owner') ?? false);

/** A new task in a session that is there. One that somebody else began may only read, unless a person says otherwise. */
export function ContinueSession({ session, onClose }: { session: Session; onClose: () => void }) {
  const [mode, setMode] = useState<TaskMode>(isOwn(session) ? 'ask' : 'read');
  const [text, setText] = useState('');
  const keyOf = useMemo(() => createFormKey(() => crypto.randomUUID()), []);
  const { actions } = useHost();

  async function submit(): Promise<void> {
    const content = {
      ...{ agent: session.agent, workspace: session.workspaceId as string, session: session.id },
      ...{ mode, text: text.trim() },
    };
    const input = { ...content, idempotencyKey: keyOf(content) };
    const result = await actions.run('task.submit', 'tasks.submit', input, {
      what: t.continue,
      done: t.continued,
    });
    if (result?.ok) goTo('tasks', result.value.id);
  }
  return (
    <Dialog title={t.continueTitle} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {session.state === 'open' && <p className="card-note">{t.continueBusy}</p>}
        {session.origin === 'agent' && (
          <p className="card-note" data-tone="warning">
            {t.continueOwn}
          </p>
        )}
        <Textarea
          label={en.tasks.text}
          description={en.tasks.textHint}
          rows={5}
          data-autofocus
          required
          maxLength={65_536}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ModeChoice mode={mode} onChange={setMode} />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton action="task.submit" variant="filled" disabled={text.trim() === ''} submit>
            {en.tasks.submit}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
