import { FlashList } from '@shopify/flash-list';
import type { ReactNode } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ShownTimeline } from '../../host/use-timeline.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { TimelineEntry } from './timeline-item.tsx';

const Gap = () => <View style={{ height: spacing.md }} />;

/** What stands where no entries are: why, and the way on. */
function Nothing({ begun, online, shown }: { begun: boolean; online: boolean; shown: ShownTimeline }) {
  const { state, why } = shown.timeline;
  if (!begun) return <Words>{t.session.notBegun}</Words>;
  if (!online) return <Words>{t.session.offline}</Words>;
  if (state === 'loading') return <Words>{t.common.loading}</Words>;
  if (state === 'ready') return <Words>{t.session.empty}</Words>;
  return (
    <View style={{ gap: spacing.sm }} accessibilityRole="alert">
      <Words>{t.session.failed(why)}</Words>
      <Button label={t.common.retry} onPress={shown.again} />
    </View>
  );
}

function Above({ shown }: { shown: ShownTimeline }) {
  const { items, more, state, unreadable, why } = shown.timeline;
  return (
    <>
      {more && <Button label={t.session.earlier} onPress={shown.earlier} />}
      {unreadable > 0 && <Words size="caption">{t.session.unreadable(unreadable)}</Words>}
      {state === 'failed' && items.length > 0 && (
        <View style={{ gap: spacing.sm }} accessibilityRole="alert">
          <Words>{t.session.failed(why)}</Words>
          <Button label={t.common.retry} onPress={shown.again} />
        </View>
      )}
    </>
  );
}

/** A timeline between what stands above and below it; only what is on the screen is drawn. */
export function TimelineList(props: {
  shown: ShownTimeline;
  hostId: string;
  agent: string;
  online: boolean;
  /** Whether there is a session at all. */
  begun: boolean;
  /** Keeps the end in view while it grows. */
  live: boolean;
  above: ReactNode;
  below?: ReactNode;
}) {
  const now = useNow(30_000);
  const { reducedMotion } = useTheme();
  const { agent, hostId, live, shown } = props;
  const { items } = shown.timeline;
  const space = { gap: spacing.md } as const;
  return (
    <FlashList
      data={items}
      extraData={now}
      keyExtractor={({ id }) => id}
      getItemType={({ kind }) => kind}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      maintainVisibleContentPosition={{
        autoscrollToBottomThreshold: live ? 0.2 : -1,
        animateAutoScrollToBottom: !reducedMotion,
      }}
      ListHeaderComponent={
        <View style={[space, { paddingBottom: spacing.md }]}>
          {props.above}
          <Words size="heading" heading>
            {t.session.timeline}
          </Words>
          <Above shown={shown} />
        </View>
      }
      ListEmptyComponent={<Nothing begun={props.begun} online={props.online} shown={shown} />}
      ListFooterComponent={<View style={[space, { paddingTop: spacing.md }]}>{props.below}</View>}
      renderItem={({ item }) => <TimelineEntry {...{ item, hostId, agent, now }} />}
    />
  );
}
