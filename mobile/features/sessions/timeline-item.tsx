import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { Tone } from '../../../contract/design/tokens.ts';
import type { PlanStep, TimelineItem } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code, visible, visibleText } from '../../ui/code.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { RichText } from '../../ui/rich-text.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { Words } from '../../ui/words.tsx';
import { endingOf } from './ending.ts';

type Of<K extends TimelineItem['kind']> = Extract<TimelineItem, { kind: K }>;

const said = (what: string) => ({ open: t.session.unfold(what), close: t.session.fold(what) });

const toolLook: Readonly<Record<Of<'tool'>['state'], { icon: IconName; tone: Tone }>> = {
  pending: { icon: 'clock', tone: 'neutral' },
  in_progress: { icon: 'play', tone: 'info' },
  completed: { icon: 'check', tone: 'ok' },
  failed: { icon: 'alert', tone: 'danger' },
};

const outcomeLook: Readonly<Record<Of<'permission'>['outcome'], { icon: IconName; tone: Tone }>> = {
  asked: { icon: 'question', tone: 'warning' },
  allowed: { icon: 'check', tone: 'ok' },
  denied: { icon: 'cross', tone: 'danger' },
  cancelled: { icon: 'stop', tone: 'neutral' },
};

const stepIcon: Readonly<Record<PlanStep['state'], IconName>> = {
  pending: 'clock',
  in_progress: 'play',
  completed: 'check',
};

function Plan({ steps }: { steps: readonly PlanStep[] }) {
  const { palette } = useTheme();
  const done = steps.filter(({ state }) => state === 'completed').length;
  return (
    <>
      <Words size="bodyStrong">{t.session.plan(done, steps.length)}</Words>
      {steps.map(({ state, text }, index) => {
        const shown = visible(text);
        const colour = state === 'completed' ? palette.textMuted : palette.text;
        return (
          <View key={index} style={{ flexDirection: 'row', gap: spacing.sm }}>
            <Icon name={stepIcon[state]} colour={colour} size={16} />
            <View style={{ flex: 1 }}>
              <Words colour={colour} spoken={`${t.session.step[state]}: ${shown}`}>
                {shown}
              </Words>
            </View>
          </View>
        );
      })}
    </>
  );
}

/** A tool call: what it was, and behind that its paths and its output. */
function Tool({ item }: { item: Of<'tool'> }) {
  const title = visible(item.title);
  const word = t.session.tool[item.state];
  const badge = <StatusBadge {...toolLook[item.state]} word={word} />;
  const lines = [...item.paths, ...(item.output === '' ? [] : item.output.trimEnd().split('\n'))];
  if (lines.length === 0) {
    return (
      <View style={{ flexDirection: 'row', alignItems: 'center', gap: spacing.sm }}>
        <View style={{ flex: 1 }}>
          <Words size="bodyStrong">{title}</Words>
        </View>
        {badge}
      </View>
    );
  }
  return (
    <Fold title={title} said={said(`${title}, ${word}`)} badge={badge}>
      <Code lines={lines} />
    </Fold>
  );
}

function Permission({ hostId, item }: { hostId: string; item: Of<'permission'> }) {
  const router = useRouter();
  const open = (): void => {
    router.push({ pathname: '/approval/[id]', params: { id: item.approvalId, host: hostId } });
  };
  return (
    <>
      <StatusBadge {...outcomeLook[item.outcome]} word={t.session.permission[item.outcome]} />
      <Words>{visible(item.title)}</Words>
      {item.outcome === 'asked' && (
        <Button kind="primary" label={t.session.answer} hint={visible(item.title)} onPress={open} />
      )}
    </>
  );
}

function Content({ hostId, item }: { hostId: string; item: TimelineItem }) {
  switch (item.kind) {
    case 'speech':
      if (item.who !== 'thought') return <RichText text={visibleText(item.text)} />;
      return (
        <Fold title={t.session.thought} said={said(t.session.thought)}>
          <RichText text={visibleText(item.text)} />
        </Fold>
      );
    case 'tool':
      return <Tool item={item} />;
    case 'plan':
      return <Plan steps={item.steps} />;
    case 'permission':
      return <Permission {...{ hostId, item }} />;
    case 'file': {
      const title = t.session.file(visible(item.path));
      return (
        <Fold title={title} said={said(title)}>
          <DiffView diff={item.diff} />
        </Fold>
      );
    }
    case 'note':
      return <Words>{visibleText(endingOf(item, t))}</Words>;
  }
}

function speakerOf(item: TimelineItem, agent: string): string | undefined {
  if (item.kind === 'note') return t.session.note;
  if (item.kind !== 'speech' || item.who === 'thought') return undefined;
  return item.who === 'you' ? t.session.you : agent;
}

/** One item of a timeline. What agents write is shown as text: nothing in it is a link, a picture or HTML. */
export function TimelineEntry(props: { item: TimelineItem; hostId: string; agent: string; now: number }) {
  const { palette } = useTheme();
  const { agent, item, now } = props;
  const when = ago(t, item.at, now);
  const who = speakerOf(item, agent);
  return (
    <Card>
      <Words size="caption" colour={palette.textMuted}>
        {who === undefined ? when : `${who} · ${when}`}
      </Words>
      {/* Rows of the list are used again for other items: what was unfolded there must not be so here. */}
      <Content key={item.id} hostId={props.hostId} item={item} />
    </Card>
  );
}
