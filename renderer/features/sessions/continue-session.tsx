import { useState } from 'react';
import type { Session } from '../../../contract/sessions.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { ModeChoice } from '../tasks/mode-choice.tsx';
import { TaskText } from '../tasks/task-text.tsx';
import { useSubmitTask } from '../tasks/use-submit-task.ts';

const t = en.sessions;

/** Begun here by the owner of this machine, not by an agent alone or by somebody else. */
const isOwn = (session: Session): boolean =>
  session.origin === 'task' && (session.startedBy?.startsWith('owner') ?? false);

/** A new task in a session that is there. One that somebody else began may only read, unless a person says otherwise. */
export function ContinueSession({ session, onClose }: { session: Session; onClose: () => void }) {
  const [mode, setMode] = useState<TaskMode>(isOwn(session) ? 'ask' : 'read');
  const [text, setText] = useState('');
  const submit = useSubmitTask({ what: t.continue, done: t.continued });
  return (
    <Dialog title={t.continueTitle} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit({
            ...{ agent: session.agent, workspace: session.workspaceId, session: session.id },
            ...{ mode, text: text.trim() },
          });
        }}
      >
        {session.state === 'open' && <p className="card-note">{t.continueBusy}</p>}
        {session.origin === 'agent' && (
          <p className="card-note" data-tone="warning">
            {t.continueOwn}
          </p>
        )}
        <TaskText rows={5} text={text} onChange={setText} />
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
