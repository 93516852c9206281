import type { ApprovalContent, ContentDiff } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Card } from '../../ui/card.tsx';
import { visible, visibleText } from '../../ui/code.tsx';
import { readDiff } from '../../ui/diff-lines.ts';
import { DiffView } from '../../ui/diff-view.tsx';
import { Words } from '../../ui/words.tsx';
import { Folded } from './folded.tsx';
import type { Reviewed } from './use-review.ts';

function Check({ diff }: { diff: ContentDiff }) {
  switch (diff.check) {
    case 'verified':
      return null;
    case 'differs':
      return <Banner icon="alert" tone="danger" text={t.approval.contentDiffers(visible(diff.path))} />;
    case 'redacted':
    case 'truncated':
    case 'unbound':
      return <Banner icon="question" tone="warning" text={t.approval[diff.check]} />;
  }
}

function DiffCard({ diff, reviewed }: { diff: ContentDiff; reviewed: Reviewed }) {
  const title = `${t.approval.diff}: ${visible(diff.path)}`;
  const lines = readDiff(diff.diff).length;
  return (
    <Card title={title}>
      <Check diff={diff} />
      <Folded part={`diff:${diff.path}`} lines={lines} title={title} reviewed={reviewed}>
        <DiffView diff={diff.diff} />
      </Folded>
    </Card>
  );
}

function Ready({ content, reviewed }: { content: ApprovalContent; reviewed: Reviewed }) {
  return (
    <>
      {content.diffs.map((diff) => (
        <DiffCard key={diff.path} diff={diff} reviewed={reviewed} />
      ))}
      {content.notShown.map((path) => (
        <Banner key={path} icon="question" tone="warning" text={t.approval.notShown(visible(path))} />
      ))}
      {content.agentSays !== '' && (
        <Card title={t.approval.agentSays}>
          <Words>{visibleText(content.agentSays)}</Words>
        </Card>
      )}
    </>
  );
}

/** What stands behind the action, and how far it could be checked. */
export function ActionContent({ reviewed }: { reviewed: Reviewed }) {
  const { answer } = reviewed;
  if (answer === undefined) return <Words>{t.approval.loadingDetail}</Words>;
  if (answer.kind === 'failed') {
    return <Banner icon="alert" tone="warning" text={t.approval.detailFailed(answer.why)} />;
  }
  return <Ready content={answer.content} reviewed={reviewed} />;
}
