import type { ReactNode } from 'react';
import { hrefOf } from '../../../shell/route.ts';
import { en } from '../../../texts/en.ts';
import { unifiedDiffModel } from '../../../ui/diff-model.ts';
import { DiffView } from '../../../ui/diff-view.tsx';
import { Icon, type IconName } from '../../../ui/icons.tsx';
import { CopyButton } from '../../../ui/parts.tsx';
import { RichText } from '../../../ui/rich-text.tsx';
import { SafeText } from '../../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../../ui/state-mark.tsx';
import type { TimelineItem } from './timeline-model.ts';
import { copyText } from './timeline-text.ts';

const t = en.timeline;

/** Which items are unfolded; it outlives an item that is scrolled out of sight. */
export interface Folds {
  isOpen(key: number): boolean;
  toggle(key: number, open: boolean): void;
}

/** One item of a timeline. Everything in it was written by an agent: text only, and nothing that acts when it is read. */
export function TimelineItemView({ item, folds }: { item: TimelineItem; folds: Folds }) {
  switch (item.kind) {
    case 'speech':
      return item.who === 'thought' ? (
        <Thought item={item} folds={folds} />
      ) : (
        <div className="timeline-speech" data-who={item.who}>
          <header>
            <h3>
              <Icon name={who[item.who]} /> {t.who[item.who]}
            </h3>
            <CopyButton text={copyText(item, t.who)} what={t.copyEntry} />
          </header>
          <RichText text={item.text} />
        </div>
      );
    case 'tool':
      return <Tool entry={item.entry} itemKey={item.key} folds={folds} />;
    case 'plan':
      return <Plan entry={item.entry} />;
    case 'permission':
      return (
        <div className="timeline-line">
          <StateMark mark={permissionMarks[item.entry.outcome]} />
          <a href={hrefOf('approvals', item.entry.approvalId)}>
            <SafeText text={item.entry.title} />
          </a>
        </div>
      );
    case 'file':
      return <DiffView path={item.entry.path} model={unifiedDiffModel(item.entry.diff)} />;
    case 'state':
      return (
        <div className="timeline-line muted">
          <Icon name="dot" /> <SafeText text={item.entry.state} />
          {item.entry.detail !== '' && (
            <>
              {': '}
              <SafeText text={item.entry.detail} />
            </>
          )}
        </div>
      );
  }
}

function Fold(props: { itemKey: number; folds: Folds; summary: ReactNode; children: ReactNode }) {
  const { itemKey, folds } = props;
  return (
    <div className="timeline-box">
      <details
        open={folds.isOpen(itemKey)}
        onToggle={(event) => folds.toggle(itemKey, event.currentTarget.open)}
      >
        <summary>{props.summary}</summary>
        {folds.isOpen(itemKey) && props.children}
      </details>
    </div>
  );
}

function Thought({ item, folds }: { item: Extract<TimelineItem, { kind: 'speech' }>; folds: Folds }) {
  const first = item.text.trim().split('\n')[0] ?? '';
  return (
    <Fold
      itemKey={item.key}
      folds={folds}
      summary={
        <>
          <span className="mark" data-tone="neutral">
            <Icon name="dot" /> {t.thinking}
          </span>
          <span className="muted timeline-first">
            <SafeText text={first.slice(0, 160)} />
          </span>
        </>
      }
    >
      <div className="timeline-speech" data-who="thought">
        <RichText text={item.text} />
      </div>
    </Fold>
  );
}

function Tool(props: {
  entry: Extract<TimelineItem, { kind: 'tool' }>['entry'];
  itemKey: number;
  folds: Folds;
}) {
  const { entry, itemKey, folds } = props;
  return (
    <Fold
      itemKey={itemKey}
      folds={folds}
      summary={
        <>
          <StateMark mark={toolMarks[entry.state]} />
          <code>
            <SafeText text={entry.title} />
          </code>
          {entry.paths.length > 0 && (
            <span className="muted">
              <SafeText text={entry.paths.slice(0, 8).join(', ')} />
              {entry.paths.length > 8 && ` … ${entry.paths.length}`}
            </span>
          )}
        </>
      }
    >
      <pre className="code-block" tabIndex={0} aria-label={entry.title}>
        {entry.output === '' ? t.noOutput : <SafeText text={entry.output} keep={'\n\t'} />}
      </pre>
      {entry.output !== '' && <CopyButton text={entry.output} what={t.copyEntry} />}
    </Fold>
  );
}

function Plan({ entry }: { entry: Extract<TimelineItem, { kind: 'plan' }>['entry'] }) {
  const all = entry.entries.length;
  const done = entry.entries.filter(({ state }) => state === 'completed').length;
  return (
    <div className="timeline-box">
      <header className="timeline-plan">
        <h3>{t.plan}</h3>
        <progress max={Math.max(1, all)} value={done} aria-label={t.planDone(done, all)} />
        <span className="muted">{t.planDone(done, all)}</span>
      </header>
      <ul className="plan">
        {entry.entries.map((step, i) => (
          <li key={i}>
            <StateMark mark={planMarks[step.state]} /> <SafeText text={step.text} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const who: Record<'user' | 'message', IconName> = { user: 'devices', message: 'tasks' };

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
