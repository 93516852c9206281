import { useMemo, useState } from 'react';
import type { SessionId } from '../../../contract/ids.ts';
import { useFollow } from '../../host/use-follow.ts';
import { useOnline } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { unifiedDiffModel } from '../../ui/diff-model.ts';
import { DiffView } from '../../ui/diff-view.tsx';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { Empty } from '../../ui/parts.tsx';
import { RichText } from '../../ui/rich-text.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../ui/state-mark.tsx';
import { createEntryReader, emptyTimeline, foldEntries, type TimelineItem } from './timeline-model.ts';

const t = en.timeline;
const SHOWN = 300;

/** A session as it happens: the byte stream of its timeline, folded. */
export function TimelineView({ sessionId }: { sessionId: SessionId }) {
  const [timeline, setTimeline] = useState(emptyTimeline);
  const [ended, setEnded] = useState<string | null>(null);
  const [unreadable, setUnreadable] = useState(0);
  const [all, setAll] = useState(false);
  const reader = useMemo(() => createEntryReader(), []);
  const online = useOnline();
  const source = useMemo(() => ({ kind: 'timeline', sessionId }) as const, [sessionId]);
  useFollow(source, 0, {
    chunk(chunk) {
      const entries = reader.push(chunk.text);
      setEnded(null);
      setUnreadable(reader.unreadable);
      if (entries.length > 0) setTimeline((before) => foldEntries(before, entries));
    },
    ended: setEnded,
  });
  const items = all ? timeline.items : timeline.items.slice(-SHOWN);
  const hidden = timeline.items.length - items.length;
  return (
    <section aria-label={t.label}>
      {hidden > 0 && (
        <button type="button" className="plain-button" onClick={() => setAll(true)}>
          {t.earlier(hidden)}
        </button>
      )}
      <ol className="timeline">
        {items.map((item) => (
          <Item key={item.key} item={item} />
        ))}
      </ol>
      {items.length === 0 && <Empty icon="clock">{ended !== null && online ? t.gone : t.empty}</Empty>}
      {unreadable > 0 && (
        <p className="card-note" data-tone="warning">
          {t.unreadable(unreadable)}
        </p>
      )}
    </section>
  );
}

const who: Record<'user' | 'message' | 'thought', IconName> = {
  user: 'devices',
  message: 'tasks',
  thought: 'dot',
};

function Item({ item }: { item: TimelineItem }) {
  switch (item.kind) {
    case 'speech':
      return (
        <li className="timeline-speech" data-who={item.who}>
          <h3>
            <Icon name={who[item.who]} /> {t.who[item.who]}
          </h3>
          <RichText text={item.text} />
        </li>
      );
    case 'tool':
      return <Tool entry={item.entry} />;
    case 'plan':
      return (
        <li className="timeline-box">
          <h3>{t.plan}</h3>
          <ul className="plan">
            {item.entry.entries.map((step, i) => (
              <li key={i}>
                <StateMark mark={planMarks[step.state]} /> <SafeText text={step.text} />
              </li>
            ))}
          </ul>
        </li>
      );
    case 'permission':
      return (
        <li className="timeline-line">
          <StateMark mark={permissionMarks[item.entry.outcome]} />
          <a href={hrefOf('approvals', item.entry.approvalId)}>
            <SafeText text={item.entry.title} />
          </a>
        </li>
      );
    case 'file':
      return (
        <li>
          <DiffView path={item.entry.path} model={unifiedDiffModel(item.entry.diff)} />
        </li>
      );
    case 'state':
      return (
        <li className="timeline-line muted">
          <Icon name="dot" /> <SafeText text={item.entry.state} />
          {item.entry.detail !== '' && (
            <>
              {': '}
              <SafeText text={item.entry.detail} />
            </>
          )}
        </li>
      );
  }
}

function Tool({ entry }: { entry: Extract<TimelineItem, { kind: 'tool' }>['entry'] }) {
  return (
    <li className="timeline-box">
      <details>
        <summary>
          <StateMark mark={toolMarks[entry.state]} />
          <code>
            <SafeText text={entry.title} />
          </code>
          <span className="muted">
            {entry.paths.length > 0 && <SafeText text={entry.paths.join(', ')} />}
          </span>
        </summary>
        <pre className="code-block" tabIndex={0}>
          {entry.output === '' ? t.noOutput : <SafeText text={entry.output} keep={'\n\t'} />}
        </pre>
      </details>
    </li>
  );
}

const toolMarks: Record<'pending' | 'in_progress' | 'completed' | 'failed', Mark> = {
  pending: { tone: 'neutral', icon: 'clock', word: t.tool.pending },
  in_progress: { tone: 'info', icon: 'play', word: t.tool.in_progress },
  completed: { tone: 'ok', icon: 'check', word: t.tool.completed },
  failed: { tone: 'danger', icon: 'cross', word: t.tool.failed },
};
const planMarks: Record<'pending' | 'in_progress' | 'completed', Mark> = {
  pending: { tone: 'neutral', icon: 'circle', word: t.step.pending },
  in_progress: { tone: 'info', icon: 'play', word: t.step.in_progress },
  completed: { tone: 'ok', icon: 'check', word: t.step.completed },
};
const permissionMarks: Record<'asked' | 'allowed' | 'denied' | 'cancelled', Mark> = {
  asked: { tone: 'warning', icon: 'question', word: t.permission.asked },
  allowed: { tone: 'ok', icon: 'check', word: t.permission.allowed },
  denied: { tone: 'danger', icon: 'cross', word: t.permission.denied },
  cancelled: { tone: 'neutral', icon: 'square', word: t.permission.cancelled },
};
