import { View } from 'react-native';
import type { ReactNode } from 'react';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ApprovalView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Card } from '../../ui/card.tsx';
import { Code, visible } from '../../ui/code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { Words } from '../../ui/words.tsx';
import { RiskBadge } from '../inbox/risk-badge.tsx';

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <View style={{ gap: spacing.xs }}>
      <Words size="bodyStrong">{title}</Words>
      {children}
    </View>
  );
}

function CodePart({ title, lines }: { title: string; lines: readonly string[] | undefined }) {
  if (lines === undefined || lines.length === 0) return null;
  return (
    <Part title={title}>
      <Code lines={lines} label={title} />
    </Part>
  );
}

/** The action as it will run: facts of what is signed, nothing of what the agent says about it. */
export function ActionFacts({ approval }: { approval: ApprovalView }) {
  const writes = approval.writes.map(({ path, bytes, isNew }) => t.approval.write(path, bytes, isNew));
  const fingerprint = approval.actionHash.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ');
  return (
    <Card title={visible(approval.title)}>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.xs }}>
        <RiskBadge risk={approval.risk} />
        {!approval.outcome && <Countdown until={approval.expiresAt} />}
      </View>
      <Words size="caption">
        {visible(t.inbox.from(approval.agent, approval.workspace, approval.hostName))}
      </Words>
      <CodePart title={t.approval.command} lines={approval.argv} />
      <CodePart
        title={t.approval.folder}
        lines={approval.folder === undefined ? undefined : [approval.folder]}
      />
      <CodePart title={t.approval.writes} lines={writes} />
      <CodePart title={t.approval.paths} lines={approval.paths} />
      <CodePart title={t.approval.tool} lines={approval.tool === undefined ? undefined : [approval.tool]} />
      <CodePart title={t.approval.environment} lines={approval.envNames} />
      {approval.sandbox !== undefined && (
        <Part title={t.approval.sandbox}>
          <Words>{t.approval.sandboxes[approval.sandbox]}</Words>
        </Part>
      )}
      {approval.why.length > 0 && (
        <Part title={t.approval.why}>
          {approval.why.map((reason, index) => (
            <Words key={index}>{visible(reason)}</Words>
          ))}
        </Part>
      )}
      <Part title={t.approval.fingerprint}>
        <Code lines={[fingerprint]} label={t.approval.fingerprint} />
      </Part>
    </Card>
  );
}
