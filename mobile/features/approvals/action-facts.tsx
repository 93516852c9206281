import { View } from 'react-native';
import type { ReactNode } from 'react';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ApprovalView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Card } from '../../ui/card.tsx';
import { Code, visible } from '../../ui/code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { Words } from '../../ui/words.tsx';
import { RiskBadge } from '../inbox/risk-badge.tsx';
import { Folded } from './folded.tsx';
import { needLines } from './need-lines.ts';
import type { PartId } from './review.ts';
import type { Reviewed } from './use-review.ts';

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

function FoldedCode(props: {
  part: PartId;
  title: string;
  lines: readonly string[] | undefined;
  reviewed: Reviewed;
}) {
  const { lines, part, reviewed, title } = props;
  if (lines === undefined || lines.length === 0) return null;
  return (
    <Part title={title}>
      <Folded part={part} lines={lines.length} title={title} reviewed={reviewed}>
        <Code lines={lines} label={title} />
      </Folded>
    </Part>
  );
}

function Sentences({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <Part title={title}>
      {lines.map((line, index) => (
        <Words key={index}>{visible(line)}</Words>
      ))}
    </Part>
  );
}

/** Texts that deceive the eye, named before what they are in is read. */
function Warnings({ approval }: { approval: ApprovalView }) {
  return approval.warnings.map((warning, index) => {
    const where = t.approval.where[warning.where];
    const text =
      warning.kind === 'lookalike'
        ? t.approval.warnings.lookalike(where, warning.text, warning.like, warning.letters)
        : t.approval.warnings[warning.kind](where, warning.text);
    return <Banner key={index} icon="alert" tone="danger" text={text} />;
  });
}

function Network({ approval }: { approval: ApprovalView }) {
  if (approval.net.length > 0) return <CodePart title={t.approval.net} lines={approval.net} />;
  if (approval.sandbox !== 'none' && approval.sandbox !== 'ws+net') return null;
  return <Sentences title={t.approval.net} lines={[t.approval.noNet]} />;
}

/** The action as it will run: facts of what is signed, nothing of what the agent says about it. */
export function ActionFacts({ approval, reviewed }: { approval: ApprovalView; reviewed: Reviewed }) {
  const writes = approval.writes.map(({ path, bytes, isNew }) => t.approval.write(path, bytes, isNew));
  const fingerprint = approval.actionHash.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ');
  const { askers, folder, sandbox, tool } = approval;
  return (
    <Card title={visible(approval.title)}>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.xs }}>
        <RiskBadge risk={approval.risk} />
        {!approval.outcome && <Countdown until={approval.expiresAt} />}
      </View>
      <Words size="caption">
        {visible(t.inbox.from(approval.agent, approval.workspace, approval.hostName))}
      </Words>
      {askers > 1 && <Words size="caption">{t.approval.askers(askers)}</Words>}
      <Warnings approval={approval} />
      <FoldedCode {...{ reviewed }} part="argv" title={t.approval.command} lines={approval.argv} />
      <CodePart title={t.approval.folder} lines={folder === undefined ? undefined : [folder]} />
      <FoldedCode {...{ reviewed }} part="writes" title={t.approval.writes} lines={writes} />
      <FoldedCode {...{ reviewed }} part="paths" title={t.approval.paths} lines={approval.paths} />
      <CodePart title={t.approval.tool} lines={tool === undefined ? undefined : [tool]} />
      <CodePart title={t.approval.environment} lines={approval.envNames} />
      {sandbox !== undefined && (
        <Sentences title={t.approval.sandbox} lines={[t.approval.sandboxes[sandbox]]} />
      )}
      <Network approval={approval} />
      <Sentences title={t.approval.why} lines={approval.why} />
      {!approval.outcome && <Sentences title={t.approval.need} lines={needLines(approval, t)} />}
      <Part title={t.approval.fingerprint}>
        <Code lines={[fingerprint]} label={t.approval.fingerprint} />
      </Part>
    </Card>
  );
}
