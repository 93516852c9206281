import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ApprovalView, HostView, SessionView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { useNow } from '../../ui/use-now.ts';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { SessionBadge } from '../sessions/session-badge.tsx';
import { RiskBadge } from './risk-badge.tsx';
import { countWorking, recentFailures, sortInbox } from './sort-inbox.ts';

const Gap = () => <View style={{ height: spacing.sm }} />;

type InboxRow =
  | { readonly kind: 'approval'; readonly item: ApprovalView }
  | { readonly kind: 'failure'; readonly item: SessionView };

function ApprovalRow({ approval, onPress }: { approval: ApprovalView; onPress: () => void }) {
  return (
    <ListRow
      title={visible(approval.title)}
      subtitle={visible(t.inbox.from(approval.agent, approval.workspace, approval.hostName))}
      badges={
        <>
          <RiskBadge risk={approval.risk} />
          <Countdown until={approval.expiresAt} />
        </>
      }
      onPress={onPress}
    />
  );
}

/** A task that failed: what it was, and the first line of why. */
function FailureRow({ session, onPress }: { session: SessionView; onPress: () => void }) {
  const why = session.result?.split('\n', 1)[0] ?? '';
  return (
    <ListRow
      title={visible(session.title)}
      subtitle={visible(why === '' ? t.inbox.from(session.agent, undefined, session.hostName) : why)}
      badges={<SessionBadge status={session.status} />}
      onPress={onPress}
    />
  );
}

function InboxList({ hosts }: { hosts: readonly HostView[] }) {
  const router = useRouter();
  const now = useNow(1000);
  const rows: InboxRow[] = [
    ...sortInbox(hosts, now).map((approval) => ({ kind: 'approval', item: approval }) as const),
    ...recentFailures(hosts, now).map((session) => ({ kind: 'failure', item: session }) as const),
  ];
  if (rows.length === 0) {
    return <EmptyState icon="check" title={t.inbox.quiet(countWorking(hosts))} text={t.inbox.quietHint} />;
  }
  return (
    <FlashList
      data={rows}
      keyExtractor={({ kind, item }) => `${kind}/${item.hostId}/${item.id}`}
      getItemType={({ kind }) => kind}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      renderItem={({ item: row }) =>
        row.kind === 'approval' ? (
          <ApprovalRow
            approval={row.item}
            onPress={() => {
              router.push({ pathname: '/approval/[id]', params: { id: row.item.id, host: row.item.hostId } });
            }}
          />
        ) : (
          <FailureRow
            session={row.item}
            onPress={() => {
              router.push({ pathname: '/task/[id]', params: { id: row.item.id, host: row.item.hostId } });
            }}
          />
        )
      }
    />
  );
}

/** Everything that waits for the person, of all hosts. */
export function InboxScreen() {
  return <HostsGate fixed>{(hosts) => <InboxList hosts={hosts} />}</HostsGate>;
}
