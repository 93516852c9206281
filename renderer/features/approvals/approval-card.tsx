import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import { useQuery } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { en } from '../../texts/en.ts';
import { diffModel } from '../../ui/diff-model.ts';
import { DiffView } from '../../ui/diff-view.tsx';
import { countdown, remaining, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { approvalMark, riskMark } from '../../ui/marks.ts';
import { Answer, Card, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ApprovalFacts } from './approval-facts.tsx';
import { MakeRule } from './make-rule.tsx';
import { Decide } from './decide.tsx';

const t = en.approvals;

/**
 * One approval as the host understands it. The agent's own words come last and are marked as such. Long content is
 * fetched when it is opened and not before: fetching it is what tells the host that it was read.
 */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const pending = approval.state === 'pending';
  const [opened, setOpened] = useState(!(pending && approval.mustOpen));
  const now = useNow();
  return (
    <article className="card approval" aria-label={t.card(approval.title)}>
      <header className="approval-head">
        <StateMark mark={riskMark(approval.risk)} filled />
        {pending ? (
          <span className="countdown" role="timer" aria-label={t.timeLeft}>
            <Icon name="clock" /> {countdown(remaining(approval.createdAt, approval.expiresAt, now))}
          </span>
        ) : (
          <StateMark mark={approvalMark(approval.state)} filled />
        )}
      </header>
      <h2 className="approval-title">
        <SafeText text={approval.title} />
      </h2>
      <ApprovalFacts approval={approval} />
      {opened ? (
        <OpenContent approval={approval} />
      ) : (
        <div className="must-open">
          <p>{t.mustOpen}</p>
          <Button variant="default" onClick={() => setOpened(true)}>
            {t.openContent}
          </Button>
        </div>
      )}
      <MakeRule approval={approval} />
      {pending ? (
        <Decide approval={approval} opened={opened} expired={Date.parse(approval.expiresAt) <= now} />
      ) : (
        <Outcome approval={approval} now={now} />
      )}
    </article>
  );
}

function OpenContent({ approval }: { approval: Approval }) {
  const detail = useQuery('approvals.detail', { approvalId: approval.id });
  return <Answer query={detail}>{(value) => <Content approval={approval} detail={value.detail} />}</Answer>;
}

function Content({ approval, detail }: { approval: Approval; detail: ApprovalDetail }) {
  return (
    <>
      {detail.diffs.map((diff, i) => (
        <div key={i}>
          <DiffView path={diff.path} model={diffModel(diff.oldText, diff.newText)} />
          {diff.redacted && (
            <p className="card-note" data-tone="warning">
              <Icon name="warning" /> {t.redacted}
            </p>
          )}
          {diff.truncated && (
            <p className="card-note" data-tone="warning">
              <Icon name="warning" /> {t.truncated}
            </p>
          )}
        </div>
      ))}
      {detail.agentSays !== '' && (
        <section className="agent-says" aria-label={t.agentSays}>
          <h3>{t.agentSays}</h3>
          <p>
            <SafeText text={detail.agentSays} keep={'\n'} />
          </p>
        </section>
      )}
      <p className="hash muted">
        {t.hash} <code>{approval.actionHash.slice(0, 16)}…</code>
      </p>
    </>
  );
}

function Outcome({ approval, now }: { approval: Approval; now: number }) {
  if (approval.state === 'pending') return null;
  return (
    <Card>
      <Facts
        rows={[
          [t.answered, when(approval.decidedAt, now)],
          ...('decidedBy' in approval
            ? [[t.by, <Principal key="by" of={approval.decidedBy} />] as const]
            : []),
          ...('provenBy' in approval && approval.provenBy !== null
            ? [[t.provenBy, t.proofs[approval.provenBy]] as const]
            : []),
          ...('reason' in approval && approval.reason !== ''
            ? [[t.reason, <SafeText key="why" text={approval.reason} />] as const]
            : []),
        ]}
      />
    </Card>
  );
}
