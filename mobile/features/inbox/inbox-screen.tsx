import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { useNow } from '../../ui/use-now.ts';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { RiskBadge } from './risk-badge.tsx';
import { countWorking, sortInbox } from './sort-inbox.ts';

const Gap = () => <View style={{ height: spacing.sm }} />;

function InboxList({ hosts }: { hosts: readonly HostView[] }) {
  const router = useRouter();
  const waiting = sortInbox(hosts, useNow(1000));
  if (waiting.length === 0) {
    return <EmptyState icon="check" title={t.inbox.quiet(countWorking(hosts))} text={t.inbox.quietHint} />;
  }
  return (
    <FlashList
      data={waiting}
      keyExtractor={(approval) => `${approval.hostId}/${approval.id}`}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      renderItem={({ item }) => (
        <ListRow
          title={visible(item.title)}
          subtitle={visible(t.inbox.from(item.agent, item.workspace, item.hostName))}
          badges={
            <>
              <RiskBadge risk={item.risk} />
              <Countdown until={item.expiresAt} />
            </>
          }
          onPress={() => {
            router.push({ pathname: '/approval/[id]', params: { id: item.id, host: item.hostId } });
          }}
        />
      )}
    />
  );
}

/** Everything that waits for the person, of all hosts. */
export function InboxScreen() {
  return <HostsGate fixed>{(hosts) => <InboxList hosts={hosts} />}</HostsGate>;
}
