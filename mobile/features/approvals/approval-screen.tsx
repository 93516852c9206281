import { View } from 'react-native';
import type { ApprovalScope } from '../../../contract/action.ts';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { useAction } from '../../host/use-action.ts';
import type { HostView, OutcomeView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { ActionContent } from './action-content.tsx';
import { ActionFacts } from './action-facts.tsx';
import { DecisionBar } from './decision-bar.tsx';
import { RuleProposals } from './rule-proposals.tsx';
import { useReview } from './use-review.ts';

/** How it ended, who answered, and how they proved to be there. */
function Outcome({ outcome }: { outcome: OutcomeView }) {
  const word = t.approval.outcome[outcome.state];
  const text =
    outcome.by === null ? t.approval.answered(word) : t.approval.answeredBy(word, t.approval[outcome.by]);
  return (
    <View accessibilityLiveRegion="polite" style={{ gap: spacing.xs }}>
      <Words size="bodyStrong">{text}</Words>
      {outcome.provenBy !== undefined && <Words>{t.approval.provenBy[outcome.provenBy]}</Words>}
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

export function ApprovalScreen({ id, hostId }: { id: string; hostId: string | undefined }) {
  const hosts = useHosts();
  const { delivery, act, busy } = useAction();
  const found = hosts && findApproval(hosts, id, hostId);
  const reviewed = useReview(found?.host, found?.approval, id);
  if (!found) {
    return (
      <Screen fixed banner={<DeliveryNote delivery={delivery} />}>
        {hosts ? <EmptyState icon="inbox" title={t.common.gone} /> : <LoadingState />}
      </Screen>
    );
  }
  const { host, approval } = found;
  const canAnswer = host.scopes.includes('approve');
  const online = host.link.kind === 'online';
  const decide = (decision: 'allow' | 'deny', scope: ApprovalScope): void => {
    const { actionHash } = approval;
    act({ kind: 'decide', hostId: host.id, approvalId: id, actionHash, decision, scope });
  };
  const banner = (
    <>
      <HostBanner host={host} />
      {!approval.genuine && <Banner icon="alert" tone="danger" text={t.approval.forged} />}
      <DeliveryNote delivery={delivery} />
    </>
  );
  const footer = approval.outcome ? (
    <Outcome outcome={approval.outcome} />
  ) : (
    <DecisionBar
      {...{ approval, review: reviewed.review }}
      enabled={online && canAnswer && !busy}
      onDecide={decide}
    />
  );
  return (
    <Screen banner={banner} footer={footer}>
      {approval.genuine && <ActionFacts approval={approval} reviewed={reviewed} />}
      {approval.genuine && canAnswer && <ActionContent reviewed={reviewed} />}
      {approval.genuine && host.scopes.includes('manage') && (
        <RuleProposals approval={approval} enabled={online} />
      )}
    </Screen>
  );
}
