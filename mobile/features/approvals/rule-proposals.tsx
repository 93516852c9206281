import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { RuleProposal } from '../../../contract/policy.ts';
import { useConnection } from '../../host/connection.tsx';
import { useAction } from '../../host/use-action.ts';
import type { ApprovalView, ProposalsAnswer } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code } from '../../ui/code.tsx';
import { HoldButton } from '../../ui/hold-button.tsx';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { ruleLines } from './rule-lines.ts';

function Proposal(props: { proposal: RuleProposal; disabled: boolean; onAdd: () => void }) {
  const { dryRun, rule, width } = props.proposal;
  const title = `${t.approval.rule.effect[rule.effect]} · ${t.approval.rule.width[width]}`;
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="bodyStrong">{title}</Words>
      <Code lines={ruleLines(rule)} label={title} />
      <Words>{t.approval.rule.dryRun(dryRun.examined, dryRun.matched, dryRun.wouldAllow)}</Words>
      {dryRun.againstDenials > 0 && (
        <Banner icon="alert" tone="warning" text={t.approval.rule.againstDenials(dryRun.againstDenials)} />
      )}
      <HoldButton
        label={t.approval.rule.add}
        hint={t.approval.rule.addHint}
        confirm={{ label: t.approval.rule.addConfirm, text: t.approval.rule.addOr }}
        disabled={props.disabled}
        onHeld={props.onAdd}
      />
    </View>
  );
}

function Proposals(props: {
  answer: ProposalsAnswer | undefined;
  disabled: boolean;
  onAdd: (proposal: RuleProposal) => void;
}) {
  const { answer } = props;
  if (answer === undefined) return <Words>{t.common.loading}</Words>;
  if (answer.kind === 'failed') {
    return <Banner icon="alert" tone="warning" text={t.approval.rule.failed(answer.why)} />;
  }
  if (answer.proposals.length === 0) return <Words>{t.approval.rule.none}</Words>;
  return answer.proposals.map((proposal) => (
    <Proposal
      key={proposal.rule.id}
      proposal={proposal}
      disabled={props.disabled}
      onAdd={() => {
        props.onAdd(proposal);
      }}
    />
  ));
}

/** Turns a question into a rule, for a device that may manage the host. What it would have done is said first. */
export function RuleProposals({ approval, enabled }: { approval: ApprovalView; enabled: boolean }) {
  const connection = useConnection();
  const { delivery, act, busy } = useAction();
  const [asked, setAsked] = useState(false);
  const [answer, setAnswer] = useState<ProposalsAnswer>();
  const ask = (): void => {
    setAsked(true);
    setAnswer(undefined);
    void connection?.proposals(approval.hostId, approval.id, 'allow').then(setAnswer);
  };
  if (!asked) {
    return <Button icon="shield" label={t.approval.makeRule} disabled={!enabled} onPress={ask} />;
  }
  return (
    <Card title={t.approval.rule.title}>
      <Words size="caption">{t.approval.rule.hint}</Words>
      <DeliveryNote delivery={delivery} done={t.approval.rule.added} />
      {delivery?.kind !== 'done' && (
        <Proposals
          answer={answer}
          disabled={!enabled || busy}
          onAdd={({ rule }) => {
            act({ kind: 'add-rule', hostId: approval.hostId, rule });
          }}
        />
      )}
    </Card>
  );
}
