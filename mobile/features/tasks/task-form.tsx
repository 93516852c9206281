import { useFocusEffect, useRouter } from 'expo-router';
import { useCallback, useRef, useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import { useConnection } from '../../host/connection.tsx';
import type { SessionView } from '../../host/task-views.ts';
import { useAction } from '../../host/use-action.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { visible } from '../../ui/code.tsx';
import { Field } from '../../ui/field.tsx';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { AgentChoice } from './agent-choice.tsx';
import { BudgetFields } from './budget-fields.tsx';
import { checkTask, NO_BUDGET, TASK_LIMIT } from './check-task.ts';
import type { BudgetDraft } from './check-task.ts';
import { reachedByHost, reachedBySending } from './delivery-steps.ts';
import { DeliveryWay } from './delivery-way.tsx';
import { keyFor } from './form-key.ts';
import type { FormKey } from './form-key.ts';

const modes = (['ask', 'read', 'auto'] as const).map((id) => ({ id, name: t.task.modes[id] }));

/** The chosen one if it is still there, else the only or first one. */
function pick(choices: readonly { readonly id: string }[], chosen: string | undefined): string | undefined {
  return choices.some((choice) => choice.id === chosen) ? chosen : choices[0]?.id;
}

/** What is chosen in the form; a session brings its own host, workspace and agent. */
function useDraft(hosts: readonly HostView[], session: SessionView | undefined) {
  const [hostChoice, setHost] = useState<string>();
  const [folderChoice, setFolder] = useState<string>();
  const [agentChoice, setAgent] = useState<string>();
  const [mode, setMode] = useState<TaskMode>(session?.origin === 'agent' ? 'read' : 'ask');
  const [text, setText] = useState('');
  const [budget, setBudget] = useState<BudgetDraft>();
  const hostId = pick(hosts, hostChoice);
  const host = hosts.find((item) => item.id === hostId);
  const ready = host?.agents.filter(({ state }) => state === 'available') ?? [];
  const folderId = session ? session.folderId : pick(host?.folders ?? [], folderChoice);
  const agentId = session ? session.agent : pick(ready, agentChoice);
  return {
    ...{ host, hostId, folderId, agentId, mode, text, budget },
    ...{ setHost, setFolder, setAgent, setMode, setText, setBudget },
    empty() {
      setText('');
      setBudget(undefined);
    },
  };
}

type Draft = ReturnType<typeof useDraft>;

function Fields(props: {
  hosts: readonly HostView[];
  session: SessionView | undefined;
  draft: Draft;
  problem: string | undefined;
}) {
  const { draft, hosts, problem, session } = props;
  const { host } = draft;
  return (
    <>
      {hosts.length > 1 && (
        <Choices label={t.task.host} choices={hosts} chosen={draft.hostId} onChoose={draft.setHost} />
      )}
      {!session && (
        <>
          <Choices
            label={t.task.folder}
            choices={host?.folders ?? []}
            chosen={draft.folderId}
            onChoose={draft.setFolder}
          />
          <AgentChoice agents={host?.agents ?? []} chosen={draft.agentId} onChoose={draft.setAgent} />
        </>
      )}
      <View style={{ gap: spacing.xs }}>
        <Choices label={t.task.mode} choices={modes} chosen={draft.mode} onChoose={draft.setMode} />
        <Words size="caption">{t.task.modeMeans[draft.mode]}</Words>
      </View>
      <Field
        label={t.task.text}
        placeholder={t.task.placeholder}
        value={draft.text}
        onChange={draft.setText}
        multiline
        maxLength={TASK_LIMIT}
        {...(problem !== undefined && { error: problem })}
      />
      <BudgetFields budget={draft.budget} onChange={draft.setBudget} />
    </>
  );
}

/** After a task was sent: how far it has come, as the host says it once it has it. */
function Sent(props: { host: HostView | undefined; taskId: string; onAnother: () => void }) {
  const router = useRouter();
  const { host, taskId } = props;
  const task = host?.tasks.find(({ id }) => id === taskId);
  return (
    <>
      <DeliveryNote delivery={{ kind: 'done' }} done={t.delivery.accepted} />
      <DeliveryWay reached={task ? reachedByHost(task.delivery) : { kind: 'step', step: 'queued' }} />
      {task?.status === 'queued' && task.position !== null && <Words>{t.tasks.place(task.position)}</Words>}
      <Button
        kind="primary"
        label={t.task.openTask}
        onPress={() => {
          router.push({ pathname: '/task/[id]', params: { id: taskId, host: host?.id ?? '' } });
        }}
      />
      <Button label={t.task.another} onPress={props.onAnother} />
    </>
  );
}

/**
 * A task before and after it is sent. The form has one key: sent again after an answer was lost, it is the same task.
 * @param hosts those that this device may give tasks to
 * @param session the one that it goes on with, on the only host
 */
export function TaskForm({ hosts, session }: { hosts: readonly HostView[]; session?: SessionView }) {
  const connection = useConnection();
  const { act, busy, delivery, forget } = useAction();
  const draft = useDraft(hosts, session);
  const [problem, setProblem] = useState<string>();
  const key = useRef<FormKey>(undefined);
  const { host } = draft;
  const another = (): void => {
    key.current = undefined;
    draft.empty();
    forget();
  };
  const sent = delivery?.kind === 'done' && delivery.taskId !== undefined;
  const startAnew = useRef(another);
  startAnew.current = another;
  // Who comes back to the form after a task was sent finds an empty one.
  useFocusEffect(useCallback(() => () => void (sent && startAnew.current()), [sent]));
  if (delivery?.kind === 'done' && delivery.taskId !== undefined) {
    return <Sent host={host} taskId={delivery.taskId} onAnother={another} />;
  }
  const submit = (): void => {
    const goesOn = session ? { sessionId: session.id } : {};
    const checked = checkTask({ ...draft, budget: draft.budget ?? NO_BUDGET, ...goesOn }, t);
    setProblem('problem' in checked ? checked.problem : undefined);
    if (!('task' in checked) || !connection) return;
    key.current = keyFor(key.current, checked.task, connection.newKey);
    act({ kind: 'submit', task: { ...checked.task, key: key.current.key } });
  };
  const reached = delivery && reachedBySending(delivery);
  return (
    <>
      {delivery?.kind === 'refused' && <DeliveryNote delivery={delivery} />}
      {reached && <DeliveryWay reached={reached} />}
      {host && host.link.kind !== 'online' && <Words>{t.task.waits(visible(host.name))}</Words>}
      <Fields {...{ hosts, session, draft, problem }} />
      <Button
        kind="primary"
        label={delivery?.kind === 'unknown' ? t.task.sendAgain : t.task.send}
        busy={busy}
        onPress={submit}
      />
    </>
  );
}
