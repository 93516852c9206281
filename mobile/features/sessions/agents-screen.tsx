import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { visible } from '../../ui/code.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { groupSessions } from './group-sessions.ts';
import type { SessionLine } from './group-sessions.ts';
import { SessionBadge } from './session-badge.tsx';

const Gap = () => <View style={{ height: spacing.sm }} />;

function Line({
  line,
  now,
  onOpen,
}: {
  line: SessionLine;
  now: number;
  onOpen: (line: SessionLine) => void;
}) {
  if (line.kind === 'heading') {
    return (
      <Words size="heading" heading>
        {`${t.agents[line.group]} · ${String(line.count)}`}
      </Words>
    );
  }
  const { session } = line;
  return (
    <ListRow
      title={visible(session.title)}
      subtitle={`${t.inbox.from(session.agent, undefined, session.hostName)} · ${ago(t, session.changedAt, now)}`}
      badges={<SessionBadge status={session.status} />}
      onPress={() => {
        onOpen(line);
      }}
    />
  );
}

function SessionList({ hosts }: { hosts: readonly HostView[] }) {
  const router = useRouter();
  const now = useNow(30_000);
  const lines = groupSessions(hosts);
  if (lines.length === 0) {
    const start = (): void => {
      router.push('/new-task');
    };
    const action = { label: t.agents.newTask, onPress: start };
    return <EmptyState icon="agents" title={t.agents.empty} text={t.agents.emptyHint} action={action} />;
  }
  return (
    <FlashList
      data={lines}
      getItemType={(line) => line.kind}
      keyExtractor={(line) =>
        line.kind === 'heading' ? line.group : `${line.session.hostId}/${line.session.id}`
      }
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      renderItem={({ item }) => (
        <Line
          line={item}
          now={now}
          onOpen={(line) => {
            if (line.kind !== 'session') return;
            const { id, hostId } = line.session;
            router.push({ pathname: '/task/[id]', params: { id, host: hostId } });
          }}
        />
      )}
    />
  );
}

/** The sessions of all hosts by what they need. */
export function AgentsScreen() {
  return <HostsGate fixed>{(hosts) => <SessionList hosts={hosts} />}</HostsGate>;
}
