import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { useHostState } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { en } from '../../texts/en.ts';
import { when } from '../../ui/format.ts';
import { approvalMark } from '../../ui/marks.ts';
import { Card, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ApprovalCard } from './approval-card.tsx';
import { answeredApprovals } from './approval-list.ts';
import { Grants } from './grants.tsx';
import { PolicyRules } from './policy-rules.tsx';
import { Queue } from './queue.tsx';

const t = en.approvals;

export default function Approvals({ item }: { item: string | null }) {
  return (
    <Page title={en.screens.approvals} lead={t.lead}>
      <Tabs defaultValue="queue" keepMounted={false}>
        <Tabs.List aria-label={en.screens.approvals}>
          <Tabs.Tab value="queue">{t.queue}</Tabs.Tab>
          <Tabs.Tab value="history">{t.history}</Tabs.Tab>
          <Tabs.Tab value="grants">{t.grants}</Tabs.Tab>
          <Tabs.Tab value="rules">{t.rules}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="queue">
          <Queue item={item} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
        <Tabs.Panel value="grants">
          <Grants />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <PolicyRules />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function History() {
  const approvals = useHostState((state) => state.approvals);
  const now = useNow();
  const answered = answeredApprovals(approvals);
  const [open, setOpen] = useState<string | null>(null);
  const chosen = open === null ? undefined : approvals[open];
  if (answered.length === 0) return <Empty icon="clock">{t.noHistory}</Empty>;
  return (
    <div className={chosen ? 'split split-wide' : undefined}>
      <Card flush>
        <table className="table">
          <thead>
            <tr>
              <th>{t.outcome}</th>
              <th>{t.what}</th>
              <th>{t.by}</th>
              <th>{t.answered}</th>
            </tr>
          </thead>
          <tbody>
            {answered.map((approval) => (
              <tr key={approval.id} aria-selected={approval.id === open}>
                <td>
                  <StateMark mark={approvalMark(approval.state)} />
                </td>
                <td>
                  <button type="button" className="cell-button" onClick={() => setOpen(approval.id)}>
                    <SafeText text={approval.title} />
                  </button>
                </td>
                <td>{'decidedBy' in approval ? <Principal of={approval.decidedBy} /> : '–'}</td>
                <td className="numeric">{'decidedAt' in approval ? when(approval.decidedAt, now) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      {chosen && <ApprovalCard key={chosen.id} approval={chosen} />}
    </div>
  );
}
