import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Task, TaskDiff } from '../../../contract/tasks.ts';
import { useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { DiffView } from '../../ui/diff-view.tsx';
import { unifiedDiffModel } from '../../ui/diff-model.ts';
import { Answer, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { splitDiff } from './split-diff.ts';

const t = en.tasks;

/** What a task has changed. It is asked for only when somebody wants to see it: the host looks at the whole folder. */
export function TaskChanges({ task }: { task: Task }) {
  const [looks, setLooks] = useState(0);
  return (
    <section className="timeline-section" aria-label={t.diff}>
      <div className="timeline-bar">
        <h3>{t.diff}</h3>
        <Button variant="default" onClick={() => setLooks(looks + 1)}>
          {looks === 0 ? t.showDiff : t.refreshDiff}
        </Button>
      </div>
      {looks > 0 && <Changes taskId={task.id} look={looks} />}
    </section>
  );
}

function Changes({ taskId, look }: { taskId: Task['id']; look: number }) {
  const query = useQuery('tasks.diff', { taskId }, look);
  return <Answer query={query}>{(found) => <Found found={found} />}</Answer>;
}

function Found({ found }: { found: TaskDiff }) {
  const files = splitDiff(found.diff);
  const caveats = [
    found.note,
    found.final ? '' : t.notFinal,
    found.truncated ? t.cut : '',
    found.redacted ? t.redacted : '',
  ].filter((text) => text !== '');
  return (
    <div className="stack">
      <p className="muted">
        {t.diffSource[found.source]} <SafeText text={caveats.join(' ')} />
      </p>
      {found.files.length === 0 ? (
        <Empty icon="check">{t.noChange}</Empty>
      ) : (
        <ul className="plain-list">
          {found.files.map((file) => (
            <li key={file.path}>
              <code>
                <SafeText text={file.path} />
              </code>{' '}
              <span className="muted">
                {t.changes[file.change]}
                {file.added === null ? `, ${t.binary}` : ` +${file.added} −${file.removed ?? 0}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      {files.map(({ path, diff }, i) => (
        <DiffView key={i} path={path} model={unifiedDiffModel(diff)} />
      ))}
    </div>
  );
}
