import { FlashList } from '@shopify/flash-list';
import type { FlashListRef } from '@shopify/flash-list';
import { useEffect, useRef } from 'react';
import { View } from 'react-native';
import type { NativeScrollEvent } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { LogLine } from '../../../contract/process-logs.ts';
import type { LogFeed, LogView } from '../../host/process-views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { LogLineRow } from './log-line.tsx';

/** Whoever has moved so far from the end, in points, reads: the lines must stand still. */
const AWAY = 80;

interface Scrolled {
  readonly y: number;
  readonly left: number;
}

function readScroll({ contentOffset, contentSize, layoutMeasurement }: NativeScrollEvent): Scrolled {
  const { y } = contentOffset;
  return { y, left: contentSize.height - layoutMeasurement.height - y };
}

/** Whether a finger moved the lines back, away from the end; lines that come and go move them otherwise. Pure. */
export function movedAway(before: Scrolled, now: Scrolled): boolean {
  return now.y < before.y && now.left > AWAY && now.left > before.left;
}

/** The lines of a log: only those on the screen are drawn; at the end it stays at the end, as long as it is followed. */
export function LogList(props: {
  log: LogView;
  feed: Omit<LogFeed, 'close'>;
  /** The line that was looked for. */
  marked: number | undefined;
}) {
  const { feed, log, marked } = props;
  const { palette } = useTheme();
  const list = useRef<FlashListRef<LogLine>>(null);
  const scrolled = useRef<Scrolled>({ y: 0, left: 0 });
  const { following, lines } = log;
  useEffect(() => {
    if (following && lines.length > 0) void list.current?.scrollToEnd({ animated: false });
  }, [following, lines]);
  const start = marked === undefined ? -1 : lines.findIndex(({ number }) => number === marked);
  const padding = { padding: spacing.md, gap: spacing.sm } as const;
  return (
    <FlashList
      ref={list}
      data={lines}
      extraData={marked}
      keyExtractor={({ number }) => String(number)}
      style={{ backgroundColor: palette.codeSurface }}
      {...(start >= 0 && { initialScrollIndex: Math.max(0, start - 4) })}
      maintainVisibleContentPosition={{
        startRenderingFromBottom: marked === undefined,
        autoscrollToBottomThreshold: following ? 0.2 : -1,
        animateAutoScrollToBottom: false,
      }}
      scrollEventThrottle={64}
      onScroll={({ nativeEvent }) => {
        const now = readScroll(nativeEvent);
        if (following && movedAway(scrolled.current, now)) feed.pause();
        scrolled.current = now;
      }}
      ListHeaderComponent={
        log.hasEarlier ? (
          <View style={padding}>
            <Button label={t.logs.earlier} onPress={feed.earlier} />
          </View>
        ) : null
      }
      ListFooterComponent={
        log.newer > 0 && !following ? (
          <View style={padding}>
            <Button label={t.logs.later} onPress={feed.later} />
          </View>
        ) : null
      }
      renderItem={({ item }) => <LogLineRow line={item} marked={item.number === marked} showName={false} />}
    />
  );
}
