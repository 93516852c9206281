import { SegmentedControl, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Session } from '../../../contract/sessions.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import { useHost } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';

const t = en.sessions;
const MODES: readonly TaskMode[] = ['read', 'ask', 'auto'];

/** A new task in a session that is there. One that an agent began itself may only read, unless a person says otherwise. */
export function ContinueSession({ session, onClose }: { session: Session; onClose: () => void }) {
  const [mode, setMode] = useState<TaskMode>(session.origin === 'agent' ? 'read' : 'ask');
  const [text, setText] = useState('');
  // One key for one form: pressing the button again after a lost connection gives the same task back.
  const idempotencyKey = useMemo(() => crypto.randomUUID(), []);
  const { actions } = useHost();

  async function submit(): Promise<void> {
    const input = {
      ...{ agent: session.agent, workspace: session.workspaceId as string, session: session.id },
      ...{ mode, text: text.trim(), idempotencyKey },
    };
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
          autoFocus
          required
          maxLength={65_536}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="field">
          <span className="field-label">{en.tasks.mode}</span>
          <SegmentedControl
            aria-label={en.tasks.mode}
            value={mode}
            onChange={(value) => setMode(MODES.find((known) => known === value) ?? 'read')}
            data={MODES.map((value) => ({ value, label: en.tasks.modes[value].name }))}
          />
          <p className="muted">{en.tasks.modes[mode].means}</p>
        </div>
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
