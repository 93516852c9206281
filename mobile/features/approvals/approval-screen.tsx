import { useEffect, useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useConnection, useHosts } from '../../host/connection.tsx';
import { useAction } from '../../host/use-action.ts';
import type { ApprovalView, ContentAnswer, HostView, OutcomeView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { HoldButton } from '../../ui/hold-button.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { OfflineBanner } from '../hosts/link-badge.tsx';
import { ActionContent } from './action-content.tsx';
import { ActionFacts } from './action-facts.tsx';
import { mayApprove } from './may-approve.ts';

/** Approve and deny; a high or critical risk has to be held, so that it cannot happen in a pocket. */
function DecisionBar(props: {
  approval: ApprovalView;
  enabled: boolean;
  approvable: boolean;
  onDecide: (decision: 'allow' | 'deny') => void;
}) {
  const expired = useNow(1000) >= props.approval.expiresAt;
  if (expired) return <Words>{t.approval.expired}</Words>;
  const risky = props.approval.risk === 'high' || props.approval.risk === 'critical';
  const disabled = !props.enabled || !props.approvable;
  const allow = (): void => {
    props.onDecide('allow');
  };
  const deny = (): void => {
    props.onDecide('deny');
  };
  return (
    <View style={{ flexDirection: 'row', alignItems: 'flex-end', gap: spacing.md }}>
      <View style={{ flex: 1 }}>
        <Button icon="cross" label={t.approval.deny} disabled={!props.enabled} onPress={deny} />
      </View>
      <View style={{ flex: 1 }}>
        {risky ? (
          <HoldButton
            label={t.approval.approve}
            hint={t.approval.holdHint}
            confirm={{ label: t.approval.confirmApprove, text: t.approval.holdOr }}
            disabled={disabled}
            onHeld={allow}
          />
        ) : (
          <Button
            kind="primary"
            icon="check"
            label={t.approval.approve}
            disabled={disabled}
            onPress={allow}
          />
        )}
      </View>
    </View>
  );
}

/** How it ended, and who answered. */
function Outcome({ outcome }: { outcome: OutcomeView }) {
  const word = t.approval.outcome[outcome.state];
  const text =
    outcome.by === null ? t.approval.answered(word) : t.approval.answeredBy(word, t.approval[outcome.by]);
  return (
    <View accessibilityLiveRegion="polite" style={{ gap: spacing.xs }}>
      <Words size="bodyStrong">{text}</Words>
      {outcome.reason !== undefined && <Words>{visible(outcome.reason)}</Words>}
    </View>
  );
}

/** Finds an approval; ids are unique within a host only, so a link without a host must be unambiguous. */
function findApproval(hosts: readonly HostView[], id: string, hostId: string | undefined) {
  const found = hosts
    .filter((host) => hostId === undefined || host.id === hostId)
    .flatMap((host) =>
      host.approvals.filter((item) => item.id === id).map((approval) => ({ host, approval })),
    );
  return found.length === 1 ? found[0] : undefined;
}

/** Fetches what stands behind the approval, again when the host comes back. */
function useContent(host: HostView | undefined, approvalId: string): ContentAnswer | undefined {
  const connection = useConnection();
  const [answer, setAnswer] = useState<ContentAnswer>();
  const hostId = host?.id;
  const wanted = host?.link.kind === 'online' && host.scopes.includes('approve') && answer?.kind !== 'ready';
  useEffect(() => {
    if (!connection || hostId === undefined || !wanted) return undefined;
    let current = true;
    void connection.content(hostId, approvalId).then((next) => {
      if (current) setAnswer(next);
    });
    return () => {
      current = false;
    };
  }, [connection, hostId, approvalId, wanted]);
  return answer;
}

export function ApprovalScreen({ id, hostId }: { id: string; hostId: string | undefined }) {
  const hosts = useHosts();
  const { delivery, act, busy } = useAction();
  const found = hosts && findApproval(hosts, id, hostId);
  const answer = useContent(found?.host, id);
  if (!found) {
    return (
      <Screen fixed banner={<DeliveryNote delivery={delivery} />}>
        {hosts ? <EmptyState icon="inbox" title={t.common.gone} /> : <LoadingState />}
      </Screen>
    );
  }
  const { host, approval } = found;
  const canAnswer = host.scopes.includes('approve');
  const enabled = host.link.kind === 'online' && canAnswer && !busy;
  const decide = (decision: 'allow' | 'deny'): void => {
    act({ kind: 'decide', hostId: host.id, approvalId: id, actionHash: approval.actionHash, decision });
  };
  const banner = (
    <>
      <OfflineBanner host={host} />
      {!approval.genuine && <Banner icon="alert" tone="danger" text={t.approval.forged} />}
      <DeliveryNote delivery={delivery} />
    </>
  );
  const footer = approval.outcome ? (
    <Outcome outcome={approval.outcome} />
  ) : (
    <DecisionBar {...{ approval, enabled }} approvable={mayApprove(approval, answer)} onDecide={decide} />
  );
  return (
    <Screen banner={banner} footer={footer}>
      <ActionFacts approval={approval} />
      {canAnswer && <ActionContent answer={answer} />}
    </Screen>
  );
}
