import { NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { TaskMode } from '../../../contract/tasks.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';

const t = en.tasks;
const MODES: readonly TaskMode[] = ['read', 'ask', 'auto'];

export function NewTask({ onClose }: { onClose: () => void }) {
  const agentTable = useHostState((state) => state.agents);
  const folders = useHostState((state) => state.workspaces);
  const agents = Object.values(agentTable).filter((agent) => agent.state === 'available');
  const [agent, setAgent] = useState(agents[0]?.name ?? '');
  const [workspace, setWorkspace] = useState<string>(Object.values(folders)[0]?.id ?? '');
  const [mode, setMode] = useState<TaskMode>('ask');
  const [text, setText] = useState('');
  // One key for one form: pressing the button again after a lost connection gives the same task back.
  const idempotencyKey = useMemo(() => crypto.randomUUID(), []);
  const { actions } = useHost();
  const missing = agents.length === 0 ? t.noAgent : Object.keys(folders).length === 0 ? t.noFolder : null;

  async function submit(): Promise<void> {
    const input = { agent, workspace, mode, text: text.trim(), idempotencyKey };
    const result = await actions.run('task.submit', 'tasks.submit', input, {
      what: t.create,
      done: t.submitted,
    });
    if (result?.ok) goTo('tasks', result.value.id);
  }
  return (
    <Dialog title={t.create} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {missing !== null && (
          <p className="card-note" data-tone="warning">
            {missing}
          </p>
        )}
        <Textarea
          label={t.text}
          description={t.textHint}
          rows={6}
          autoFocus
          required
          maxLength={65_536}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="columns">
          <NativeSelect
            label={t.agent}
            value={agent}
            onChange={(event) => setAgent(event.currentTarget.value)}
            data={agents.map((each) => ({
              value: each.name,
              label: each.title === '' ? each.name : each.title,
            }))}
          />
          <NativeSelect
            label={t.folder}
            value={workspace}
            onChange={(event) => setWorkspace(event.currentTarget.value)}
            data={Object.values(folders).map((each) => ({ value: each.id, label: each.name }))}
          />
        </div>
        <div className="field">
          <span className="field-label">{t.mode}</span>
          <SegmentedControl
            aria-label={t.mode}
            value={mode}
            onChange={(value) => setMode(MODES.find((known) => known === value) ?? 'ask')}
            data={MODES.map((value) => ({ value, label: t.modes[value].name }))}
          />
          <p className="muted">{t.modes[mode].means}</p>
        </div>
        <div className="buttons">
          <span className="spacer" />
          <ActionButton
            action="task.submit"
            variant="filled"
            disabled={missing !== null || text.trim() === ''}
            onClick={() => void submit()}
          >
            {t.submit}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
