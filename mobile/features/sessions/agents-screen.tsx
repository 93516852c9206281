import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { AgentView } from '../../host/task-views.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Choices } from '../../ui/choices.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { AgentBadge, agentFacts } from './agent-line.tsx';

const Gap = () => <View style={{ height: spacing.sm }} />;

type Part = 'tasks' | 'agents';
const parts = [
  { id: 'tasks', name: t.agents.tasks },
  { id: 'agents', name: t.agents.agents },
] as const;

interface AgentLine {
  readonly agent: AgentView;
  readonly hostName: string;
}

const isReady = ({ state }: AgentView) => state === 'available';

/** Those that are there first, each by name. */
function agentLines(hosts: readonly HostView[]): AgentLine[] {
  return hosts
    .flatMap((host) => host.agents.map((agent) => ({ agent, hostName: host.name })))
    .sort(
      (a, b) =>
        Number(isReady(b.agent)) - Number(isReady(a.agent)) || a.agent.name.localeCompare(b.agent.name),
    );
}

function AgentList({ hosts }: { hosts: readonly HostView[] }) {
  const router = useRouter();
  const lines = agentLines(hosts);
  if (lines.length === 0) {
    return <EmptyState icon="agents" title={t.agents.none} text={t.agents.noneHint} />;
  }
  return (
    <FlashList
      data={lines}
      keyExtractor={({ agent }) => `${agent.hostId}/${agent.id}`}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      renderItem={({ item: { agent, hostName } }) => (
        <ListRow
          title={visible(agent.name)}
          subtitle={`${agentFacts(agent)} · ${t.agents.on(visible(hostName))}`}
          badges={<AgentBadge agent={agent} />}
          onPress={() => {
            router.push({ pathname: '/agent/[name]', params: { name: agent.id, host: agent.hostId } });
          }}
        />
      )}
    />
  );
}

function Parts({ hosts }: { hosts: readonly HostView[] }) {
  const [part, setPart] = useState<Part>('tasks');
  return (
    <>
      <View style={{ paddingHorizontal: spacing.lg, paddingTop: spacing.md }}>
        <Choices quiet label={t.agents.what} choices={parts} chosen={part} onChoose={setPart} />
      </View>
      {part === 'tasks' ? <TaskList hosts={hosts} /> : <AgentList hosts={hosts} />}
    </>
  );
}

/** The tasks of all hosts by what they need, and the agents with their sessions. */
export function AgentsScreen() {
  return <HostsGate fixed>{(hosts) => <Parts hosts={hosts} />}</HostsGate>;
}
