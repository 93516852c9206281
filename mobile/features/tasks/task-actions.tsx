import { useRouter } from 'expo-router';
import { useRef, useState } from 'react';
import { View } from 'react-native';
import { useConnection } from '../../host/connection.tsx';
import type { TaskView } from '../../host/task-views.ts';
import type { Delivery, HostAction, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { buttonRow, buttonRowItem } from '../../ui/button-row.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Words } from '../../ui/words.tsx';

/** What the field for steering takes, in UTF-16 units; as long as a task may be. */
const STEER_LIMIT = 16_000;

export interface TaskActing {
  readonly delivery: Delivery | undefined;
  readonly busy: boolean;
  act(action: HostAction): void;
}

export const isUnderWay = ({ status }: TaskView): boolean =>
  status === 'queued' || status === 'working' || status === 'waiting';

function Steer(props: { onSteer: (text: string) => void; onClose: () => void; disabled: boolean }) {
  const [text, setText] = useState('');
  const words = text.trim();
  return (
    <>
      <Field label={t.tasks.steerField} value={text} onChange={setText} maxLength={STEER_LIMIT} multiline />
      <Words size="caption">{t.tasks.steerHint}</Words>
      <View style={buttonRow}>
        <View style={buttonRowItem}>
          <Button label={t.common.cancel} onPress={props.onClose} />
        </View>
        <View style={buttonRowItem}>
          <Button
            kind="primary"
            label={t.tasks.steer}
            hint={t.tasks.steerHint}
            disabled={props.disabled || words === ''}
            onPress={() => {
              props.onSteer(words);
            }}
          />
        </View>
      </View>
    </>
  );
}

function UnderWay({ acting, disabled, task }: { acting: TaskActing; disabled: boolean; task: TaskView }) {
  const [steering, setSteering] = useState(false);
  const of = { hostId: task.hostId, taskId: task.id };
  if (steering) {
    return (
      <Steer
        disabled={disabled}
        onClose={() => {
          setSteering(false);
        }}
        onSteer={(text) => {
          acting.act({ kind: 'steer-task', ...of, text });
          setSteering(false);
        }}
      />
    );
  }
  return (
    <View style={buttonRow}>
      {task.status !== 'queued' && (
        <View style={buttonRowItem}>
          <Button
            icon="agents"
            label={t.tasks.steer}
            hint={t.tasks.steerHint}
            disabled={disabled}
            onPress={() => {
              setSteering(true);
            }}
          />
        </View>
      )}
      <View style={buttonRowItem}>
        <Button
          icon="stop"
          kind="danger"
          label={t.tasks.stop}
          hint={t.tasks.stopHint}
          disabled={disabled}
          onPress={() => {
            acting.act({ kind: 'cancel-task', ...of });
          }}
        />
      </View>
    </View>
  );
}

function Ended({ acting, disabled, task }: { acting: TaskActing; disabled: boolean; task: TaskView }) {
  const router = useRouter();
  const connection = useConnection();
  // Pressed again after an answer was lost, it is the same new task.
  const key = useRef<string>(undefined);
  const { hostId, id, sessionId } = task;
  const { delivery } = acting;
  const next = delivery?.kind === 'done' ? delivery.taskId : undefined;
  if (next !== undefined) {
    return (
      <Button
        kind="primary"
        label={t.tasks.openNew}
        onPress={() => {
          router.push({ pathname: '/task/[id]', params: { id: next, host: hostId } });
        }}
      />
    );
  }
  return (
    <View style={buttonRow}>
      <View style={buttonRowItem}>
        <Button
          label={t.tasks.retry}
          hint={t.tasks.retryHint}
          disabled={disabled}
          onPress={() => {
            if (!connection) return;
            key.current ??= connection.newKey();
            acting.act({ kind: 'retry-task', hostId, taskId: id, key: key.current });
          }}
        />
      </View>
      {sessionId !== null && (
        <View style={buttonRowItem}>
          <Button
            kind="primary"
            label={t.session.continue}
            disabled={disabled}
            onPress={() => {
              router.push({ pathname: '/continue/[id]', params: { id: sessionId, host: hostId } });
            }}
          />
        </View>
      )}
    </View>
  );
}

/** What this device may do with a task: steer and stop it, or once it has ended repeat it and go on with its session. */
export function TaskActions({ acting, host, task }: { acting: TaskActing; host: HostView; task: TaskView }) {
  if (!host.scopes.includes('submit')) return <Words size="caption">{t.tasks.mayOnlyLook}</Words>;
  const online = host.link.kind === 'online';
  const disabled = !online || acting.busy;
  const Actions = isUnderWay(task) ? UnderWay : Ended;
  return (
    <>
      {!online && <Words size="caption">{t.tasks.offline}</Words>}
      <Actions {...{ acting, disabled, task }} />
    </>
  );
}
