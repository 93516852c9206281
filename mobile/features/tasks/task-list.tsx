import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { TaskView } from '../../host/task-views.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { visible } from '../../ui/code.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { groupTasks } from './group-tasks.ts';
import type { TaskLine } from './group-tasks.ts';
import { TaskBadge } from './task-badge.tsx';

const Gap = () => <View style={{ height: spacing.sm }} />;

function Line(props: { line: TaskLine; now: number; onOpen: (task: TaskView) => void }) {
  const { line, now, onOpen } = props;
  if (line.kind === 'heading') {
    return (
      <Words size="heading" heading>
        {`${t.agents[line.group]} · ${String(line.count)}`}
      </Words>
    );
  }
  const { task } = line;
  const from = visible(t.inbox.from(task.agent, task.folder, task.hostName));
  return (
    <ListRow
      title={visible(task.title)}
      subtitle={`${from} · ${ago(t, task.changedAt, now)}`}
      badges={<TaskBadge status={task.status} position={task.position} />}
      onPress={() => {
        onOpen(task);
      }}
    />
  );
}

/** The tasks of all hosts by what they need. */
export function TaskList({ hosts }: { hosts: readonly HostView[] }) {
  const router = useRouter();
  const now = useNow(30_000);
  const lines = groupTasks(hosts);
  if (lines.length === 0) {
    const start = (): void => {
      router.push('/new-task');
    };
    const maySubmit = hosts.some(({ scopes }) => scopes.includes('submit'));
    return (
      <EmptyState
        icon="agents"
        title={t.agents.empty}
        text={t.agents.emptyHint}
        {...(maySubmit && { action: { label: t.agents.newTask, onPress: start } })}
      />
    );
  }
  return (
    <FlashList
      data={lines}
      extraData={now}
      getItemType={(line) => line.kind}
      keyExtractor={(line) => (line.kind === 'heading' ? line.group : `${line.task.hostId}/${line.task.id}`)}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      renderItem={({ item }) => (
        <Line
          line={item}
          now={now}
          onOpen={({ hostId, id }) => {
            router.push({ pathname: '/task/[id]', params: { id, host: hostId } });
          }}
        />
      )}
    />
  );
}
