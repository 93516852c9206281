import type { ApprovalContent, ContentAnswer, ContentDiff } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Card } from '../../ui/card.tsx';
import { visible, visibleText } from '../../ui/code.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { Words } from '../../ui/words.tsx';

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

function Ready({ content }: { content: ApprovalContent }) {
  return (
    <>
      {content.diffs.map((diff) => (
        <Card key={diff.path} title={`${t.approval.diff}: ${visible(diff.path)}`}>
          <Check diff={diff} />
          <DiffView diff={diff.diff} />
        </Card>
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

/** What stands behind the action, and how far it could be checked. `answer` is undefined while it is fetched. */
export function ActionContent({ answer }: { answer: ContentAnswer | undefined }) {
  if (answer === undefined) return <Words>{t.approval.loadingDetail}</Words>;
  if (answer.kind === 'failed') {
    return <Banner icon="alert" tone="warning" text={t.approval.detailFailed(answer.why)} />;
  }
  return <Ready content={answer.content} />;
}
