import { useEffect, useState } from 'react';
import { useAction } from '../../host/use-action.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Field } from '../../ui/field.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { checkTask, TASK_LIMIT } from './check-task.ts';

const modes = (['ask', 'read', 'auto'] as const).map((id) => ({ id, name: t.task.modes[id] }));

/** The chosen one if it is still there, else the only or first one. */
function pick(choices: readonly { readonly id: string }[], chosen: string | undefined): string | undefined {
  return choices.some((choice) => choice.id === chosen) ? chosen : choices[0]?.id;
}

function TaskForm({ hosts }: { hosts: readonly HostView[] }) {
  const { delivery, act, busy } = useAction();
  const [hostChoice, setHost] = useState<string>();
  const [folderChoice, setFolder] = useState<string>();
  const [agentChoice, setAgent] = useState<string>();
  const [mode, setMode] = useState<TaskMode>('ask');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const hostId = pick(hosts, hostChoice);
  const host = hosts.find((item) => item.id === hostId);
  const folders = host?.folders ?? [];
  const agents = host?.agents ?? [];
  const folderId = pick(folders, folderChoice);
  const agentId = pick(agents, agentChoice);
  // A task that arrived leaves an empty form: the same press again would be another task.
  const arrived = delivery?.kind === 'done';
  useEffect(() => {
    if (arrived) setText('');
  }, [arrived]);
  const submit = (): void => {
    const checked = checkTask({ hostId, folderId, agentId, mode, text }, t);
    setProblem('problem' in checked ? checked.problem : undefined);
    if ('task' in checked) act({ kind: 'submit', task: checked.task });
  };
  return (
    <>
      <DeliveryNote delivery={delivery} done={t.delivery.accepted} />
      {hosts.length > 1 && <Choices label={t.task.host} choices={hosts} chosen={hostId} onChoose={setHost} />}
      <Choices label={t.task.folder} choices={folders} chosen={folderId} onChoose={setFolder} />
      <Choices label={t.task.agent} choices={agents} chosen={agentId} onChoose={setAgent} />
      <Choices label={t.task.mode} choices={modes} chosen={mode} onChoose={setMode} />
      <Field
        label={t.task.text}
        placeholder={t.task.placeholder}
        value={text}
        onChange={setText}
        multiline
        maxLength={TASK_LIMIT}
        {...(problem !== undefined && { error: problem })}
      />
      <Button kind="primary" label={t.task.send} busy={busy} onPress={submit} />
    </>
  );
}

/** Submit a task to one of the hosts that answer. */
export function NewTaskScreen() {
  return (
    <HostsGate>
      {(hosts) => {
        const ready = hosts.filter((host) => host.link.kind === 'online' && host.scopes.includes('submit'));
        if (ready.length > 0) return <TaskForm hosts={ready} />;
        return <EmptyState icon="offline" title={t.task.noneOnline} text={t.task.noneOnlineHint} />;
      }}
    </HostsGate>
  );
}
