import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { TaskView } from '../../host/task-views.ts';
import type { ApprovalView, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { useNow } from '../../ui/use-now.ts';
import { similarGroups } from '../approvals/similar.ts';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { TaskBadge } from '../tasks/task-badge.tsx';
import { BatchScreen } from './batch-screen.tsx';
import { RiskBadge } from './risk-badge.tsx';
import { noSelection, SelectionScreen } from './selection.tsx';
import { countWorking, recentFailures, sortInbox } from './sort-inbox.ts';

const Gap = () => <View style={{ height: spacing.sm }} />;

type InboxRow =
  | { readonly kind: 'approval'; readonly item: ApprovalView }
  | { readonly kind: 'failure'; readonly item: TaskView };

function ApprovalRow({ approval, onPress }: { approval: ApprovalView; onPress: () => void }) {
  return (
    <ListRow
      title={approval.genuine ? visible(approval.title) : t.approval.forgedTitle}
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
function FailureRow({ task, onPress }: { task: TaskView; onPress: () => void }) {
  const why = task.result?.split('\n', 1)[0] ?? '';
  return (
    <ListRow
      title={visible(task.title)}
      subtitle={visible(why === '' ? t.inbox.from(task.agent, task.folder, task.hostName) : why)}
      badges={<TaskBadge status={task.status} />}
      onPress={onPress}
    />
  );
}

function InboxList({ hosts, onSelect }: { hosts: readonly HostView[]; onSelect: () => void }) {
  const router = useRouter();
  const now = useNow(1000);
  const approvals = sortInbox(hosts, now);
  const rows: InboxRow[] = [
    ...approvals.map((approval) => ({ kind: 'approval', item: approval }) as const),
    ...recentFailures(hosts, now).map((task) => ({ kind: 'failure', item: task }) as const),
  ];
  if (rows.length === 0) {
    return <EmptyState icon="check" title={t.inbox.quiet(countWorking(hosts))} text={t.inbox.quietHint} />;
  }
  const several = similarGroups(answerable(hosts, approvals)).length > 0;
  const header = several ? (
    <View style={{ paddingBottom: spacing.md }}>
      <Button icon="check" label={t.inbox.select} onPress={onSelect} />
    </View>
  ) : undefined;
  return (
    <FlashList
      data={rows}
      keyExtractor={({ kind, item }) => `${kind}/${item.hostId}/${item.id}`}
      getItemType={({ kind }) => kind}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      {...(header && { ListHeaderComponent: header })}
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
            task={row.item}
            onPress={() => {
              router.push({ pathname: '/task/[id]', params: { id: row.item.id, host: row.item.hostId } });
            }}
          />
        )
      }
    />
  );
}

/** Those that this device may answer now. */
function answerable(hosts: readonly HostView[], approvals: readonly ApprovalView[]): ApprovalView[] {
  const ready = hosts.filter(({ link, scopes }) => link.kind === 'online' && scopes.includes('approve'));
  return approvals.filter(({ hostId }) => ready.some(({ id }) => id === hostId));
}

type Step = 'list' | 'select' | 'review';

function InboxSteps({ hosts }: { hosts: readonly HostView[] }) {
  const [step, setStep] = useState<Step>('list');
  const [selection, setSelection] = useState(noSelection);
  // What was chosen stays in view also after it was answered; the batch itself leaves out what has ended.
  const [chosen, setChosen] = useState<readonly ApprovalView[]>([]);
  const groups = similarGroups(answerable(hosts, sortInbox(hosts, useNow(1000))));
  const end = (): void => {
    setSelection(noSelection);
    setStep('list');
  };
  const host = hosts.find(({ id }) => id === chosen[0]?.hostId);
  if (step === 'review' && host) {
    const known = new Map(host.approvals.map((approval) => [approval.id, approval]));
    const newest = chosen.map((approval) => known.get(approval.id)).filter((one) => one !== undefined);
    return <BatchScreen host={host} approvals={newest} onEnd={end} />;
  }
  if (step === 'select') {
    return (
      <SelectionScreen
        {...{ groups, selection }}
        onChange={setSelection}
        onReview={() => {
          const group = groups.find(({ key }) => key === selection.group);
          setChosen(group?.members.filter(({ id }) => selection.ids.has(id)) ?? []);
          setStep('review');
        }}
        onEnd={end}
      />
    );
  }
  return (
    <InboxList
      hosts={hosts}
      onSelect={() => {
        setStep('select');
      }}
    />
  );
}

/** Everything that waits for the person, of all hosts. */
export function InboxScreen() {
  return <HostsGate fixed>{(hosts) => <InboxSteps hosts={hosts} />}</HostsGate>;
}
