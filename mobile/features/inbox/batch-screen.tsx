import { useCallback, useEffect, useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useAction } from '../../host/use-action.ts';
import type { ApprovalView, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { buttonRow, buttonRowItem } from '../../ui/button-row.ts';
import { Button } from '../../ui/button.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { ActionContent } from '../approvals/action-content.tsx';
import { ActionFacts } from '../approvals/action-facts.tsx';
import { hindrance } from '../approvals/decision-bar.tsx';
import { useReview } from '../approvals/use-review.ts';
import { DeliveryNote } from '../hosts/delivery-note.tsx';

/** One question of the batch, looked at like any other; says whether it was seen whole. */
function BatchPart(props: {
  host: HostView;
  approval: ApprovalView;
  onReady: (id: string, ready: boolean) => void;
}) {
  const { approval, host, onReady } = props;
  const reviewed = useReview(host, approval, approval.id);
  const ready = reviewed.review.kind === 'ready';
  const why = hindrance(reviewed.review);
  useEffect(() => {
    onReady(approval.id, ready);
  }, [approval.id, onReady, ready]);
  return (
    <View style={{ gap: spacing.sm }}>
      <ActionFacts approval={approval} reviewed={reviewed} />
      <ActionContent reviewed={reviewed} />
      {why !== undefined && <Words size="caption">{why}</Words>}
    </View>
  );
}

/** Several questions of one host, one below the other, with one answer for all of them. */
export function BatchScreen(props: {
  host: HostView;
  approvals: readonly ApprovalView[];
  onEnd: () => void;
}) {
  const { approvals, host, onEnd } = props;
  const { delivery, act, busy } = useAction();
  const [ready, setReady] = useState<ReadonlySet<string>>(new Set());
  const now = useNow(1000);
  const note = useCallback((id: string, isReady: boolean) => {
    setReady((before) => {
      if (before.has(id) === isReady) return before;
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const open = approvals.filter(({ expiresAt, outcome }) => !outcome && expiresAt > now);
  const enabled = host.link.kind === 'online' && host.scopes.includes('approve') && !busy && open.length > 0;
  const decide = (decision: 'allow' | 'deny'): void => {
    const chosen = open.map(({ actionHash, id }) => ({ approvalId: id, actionHash }));
    act({ kind: 'decide-many', hostId: host.id, chosen, decision });
  };
  const footer = (
    <View style={{ gap: spacing.sm }}>
      <View style={buttonRow}>
        <View style={buttonRowItem}>
          <Button
            icon="cross"
            label={t.inbox.denyAll(open.length)}
            disabled={!enabled}
            onPress={() => {
              decide('deny');
            }}
          />
        </View>
        <View style={buttonRowItem}>
          <Button
            kind="primary"
            icon="check"
            label={t.inbox.approveAll(open.length)}
            disabled={!enabled || !open.every(({ id }) => ready.has(id))}
            onPress={() => {
              decide('allow');
            }}
          />
        </View>
      </View>
      <Button label={t.common.back} onPress={onEnd} />
    </View>
  );
  return (
    <Screen banner={<DeliveryNote delivery={delivery} />} footer={footer}>
      <Words size="title" heading>
        {t.inbox.reviewTitle(open.length)}
      </Words>
      {open.map((approval) => (
        <BatchPart key={approval.id} host={host} approval={approval} onReady={note} />
      ))}
    </Screen>
  );
}
