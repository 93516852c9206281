import { useState } from 'react';
import { View } from 'react-native';
import type { ApprovalScope } from '../../../contract/action.ts';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ApprovalView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { buttonRow, buttonRowItem } from '../../ui/button-row.ts';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { HoldButton } from '../../ui/hold-button.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { mustHold } from './need-lines.ts';
import type { Review } from './review.ts';

/** Why "Approve" does not work yet; undefined when it does, or when a banner says so already. */
export function hindrance(review: Review): string | undefined {
  switch (review.kind) {
    case 'open':
      return t.approval.openFirst(review.left);
    case 'desktop':
      return t.approval.desktop[review.reason];
    case 'other-proof':
      return t.approval.otherProof;
    case 'voted':
      return t.approval.voted;
    case 'ready':
    case 'blocked':
      return undefined;
  }
}

function ScopeChoice(props: {
  scopes: readonly ApprovalScope[];
  chosen: ApprovalScope;
  onChoose: (scope: ApprovalScope) => void;
}) {
  if (props.scopes.length < 2) return null;
  const choices = props.scopes.map((id) => ({ id, name: t.approval.scopes[id] }));
  return (
    <View style={{ gap: spacing.xs }}>
      <Choices label={t.approval.scope} choices={choices} chosen={props.chosen} onChoose={props.onChoose} />
      <Words size="caption">{t.approval.scopeMeans[props.chosen]}</Words>
    </View>
  );
}

/** Approve and deny; some approvals have to be held. */
export function DecisionBar(props: {
  approval: ApprovalView;
  enabled: boolean;
  review: Review;
  onDecide: (decision: 'allow' | 'deny', scope: ApprovalScope) => void;
}) {
  const { approval, enabled, review } = props;
  const [scope, setScope] = useState<ApprovalScope>('once');
  const expired = useNow(1000) >= approval.expiresAt;
  if (expired) return <Words>{t.approval.expired}</Words>;
  const highRisk = approval.risk === 'high' || approval.risk === 'critical';
  const disabled = !enabled || review.kind !== 'ready';
  const why = hindrance(review);
  const allow = (): void => {
    props.onDecide('allow', scope);
  };
  return (
    <>
      {why !== undefined && <Words size="caption">{why}</Words>}
      {review.kind === 'ready' && <ScopeChoice scopes={approval.scopes} chosen={scope} onChoose={setScope} />}
      <View style={buttonRow}>
        <View style={buttonRowItem}>
          <Button
            icon="cross"
            label={t.approval.deny}
            disabled={!enabled}
            onPress={() => {
              props.onDecide('deny', 'once');
            }}
          />
        </View>
        <View style={buttonRowItem}>
          {mustHold(approval) ? (
            <HoldButton
              label={t.approval.approve}
              hint={highRisk ? t.approval.holdHint : t.approval.holdProofHint}
              confirm={{
                label: t.approval.confirmApprove,
                text: highRisk ? t.approval.holdOr : t.approval.holdProofOr,
              }}
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
    </>
  );
}
