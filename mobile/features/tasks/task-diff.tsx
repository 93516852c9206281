import { useCallback, useEffect, useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ChangedFile } from '../../../contract/tasks.ts';
import { useConnection } from '../../host/connection.tsx';
import type { DiffAnswer, DiffOfTask, TaskView } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { visible } from '../../ui/code.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Words } from '../../ui/words.tsx';

function countsOf({ added, removed }: ChangedFile): string {
  return added === null || removed === null ? t.tasks.binary : t.tasks.counts(added, removed);
}

/** What keeps the diff from being the whole truth, said before it is read. */
function remarks({ final, note, redacted, source, truncated }: DiffOfTask): string[] {
  return [
    ...(final ? [] : [t.tasks.changesNotFinal]),
    ...(source === 'writes' ? [t.tasks.fromWrites] : []),
    ...(truncated ? [t.tasks.truncated] : []),
    ...(redacted ? [t.tasks.redacted] : []),
    ...(note === '' ? [] : [visible(note)]),
  ];
}

function Changes({ diff }: { diff: DiffOfTask }) {
  return (
    <View style={{ gap: spacing.sm }}>
      {remarks(diff).map((remark) => (
        <Words key={remark} size="caption">
          {remark}
        </Words>
      ))}
      {diff.files.length === 0 && diff.diff === '' && <Words>{t.tasks.noChanges}</Words>}
      {diff.files.length > 0 && <Words size="bodyStrong">{t.tasks.files(diff.files.length)}</Words>}
      {diff.files.map((file) => (
        <Words key={file.path} size="code" selectable>
          {`${visible(file.path)} · ${t.tasks.changed[file.change]} · ${countsOf(file)}`}
        </Words>
      ))}
      {diff.diff !== '' && (
        <Fold
          title={t.tasks.changes}
          said={{ open: t.session.unfold(t.tasks.changes), close: t.session.fold(t.tasks.changes) }}
          startsOpen={diff.diff.length < 4000}
        >
          <DiffView diff={diff.diff} />
        </Fold>
      )}
    </View>
  );
}

/** The changes of a task: read when somebody asks for them, and by themselves when it has ended. */
export function TaskDiffCard({ online, task }: { task: TaskView; online: boolean }) {
  const connection = useConnection();
  const [answer, setAnswer] = useState<DiffAnswer>();
  const [asking, setAsking] = useState(false);
  const { endedAt, hostId, id } = task;
  const read = useCallback(() => {
    if (!connection) return;
    setAsking(true);
    void connection.diff(hostId, id).then((changes) => {
      setAnswer(changes);
      setAsking(false);
    });
  }, [connection, hostId, id]);
  const ended = endedAt !== null;
  useEffect(() => {
    if (ended && online) read();
  }, [ended, online, read]);
  const label = answer?.kind === 'ready' ? t.tasks.refreshChanges : t.tasks.showChanges;
  const isFinal = answer?.kind === 'ready' && answer.diff.final;
  return (
    <Card title={t.tasks.changes}>
      {asking && <Words>{t.tasks.loadingChanges}</Words>}
      {answer?.kind === 'ready' && <Changes diff={answer.diff} />}
      {answer?.kind === 'failed' && (
        <View accessibilityRole="alert">
          <Words>{visible(answer.why)}</Words>
        </View>
      )}
      {!isFinal && <Button label={label} busy={asking} disabled={!online} onPress={read} />}
    </Card>
  );
}
