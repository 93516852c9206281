import { Stack, useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import type { LogStreams, LogView } from '../../host/process-views.ts';
import { useLog } from '../../host/use-log.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { LogList } from './log-list.tsx';

const streams = (['both', 'stdout', 'stderr'] as const).map((id) => ({ id, name: t.logs.stream[id] }));

/** What stands where no lines are, and the way on. */
function Nothing({ log, online, onAgain }: { log: LogView; online: boolean; onAgain: () => void }) {
  if (!online) return <EmptyState icon="offline" title={t.logs.log} text={t.logs.offline} />;
  if (log.state === 'loading') return <LoadingState />;
  if (log.state === 'ready') return <EmptyState icon="host" title={t.logs.empty} text={t.logs.emptyHint} />;
  return <ErrorState text={visible(log.why)} action={{ label: t.common.retry, onPress: onAgain }} />;
}

function standingOf({ following, newer }: LogView): string {
  if (following) return t.logs.following;
  return newer > 0 ? `${t.logs.paused} · ${t.logs.newer(newer)}` : t.logs.paused;
}

interface LogOf {
  readonly host: HostView;
  readonly name: string;
  /** Where it is opened; without it at the end. */
  readonly line: number | undefined;
}

function Log(props: LogOf & { which: LogStreams; onSearch: () => void; onFilter: () => void }) {
  const { host, line, name, which } = props;
  const online = host.link.kind === 'online';
  const { feed, log } = useLog({ hostId: host.id, name, streams: which, line, online });
  const hasLines = log.lines.length > 0;
  const isBroken = online && log.state === 'failed' && hasLines;
  return (
    <>
      <View style={{ flex: 1 }}>
        {isBroken && <Banner icon="alert" tone="warning" text={t.logs.failed(visible(log.why))} />}
        {hasLines ? (
          <LogList {...{ log, feed }} marked={line} />
        ) : (
          <Nothing log={log} online={online} onAgain={feed.again} />
        )}
        {hasLines && online && (
          <Banner
            icon={log.following ? 'play' : 'pause'}
            tone={log.following ? 'ok' : 'info'}
            text={standingOf(log)}
          />
        )}
      </View>
      <Bar>
        {isBroken ? (
          <Button label={t.common.retry} onPress={feed.again} />
        ) : log.following ? (
          <Button icon="pause" label={t.logs.pause} disabled={!online || !hasLines} onPress={feed.pause} />
        ) : (
          <Button kind="primary" icon="play" label={t.logs.follow} disabled={!online} onPress={feed.follow} />
        )}
        <Button icon="search" label={t.logs.search} onPress={props.onSearch} />
        <Button label={t.logs.filter} onPress={props.onFilter} />
      </Bar>
    </>
  );
}

function Bar({ children }: { children: React.ReactNode }) {
  return (
    <View
      style={{
        flexDirection: 'row',
        flexWrap: 'wrap',
        gap: spacing.sm,
        paddingHorizontal: spacing.md,
        paddingVertical: spacing.sm,
      }}
    >
      {children}
    </View>
  );
}

function Shown({ host, line, name }: LogOf) {
  const router = useRouter();
  const [which, setWhich] = useState<LogStreams>('both');
  const [filtering, setFiltering] = useState(false);
  return (
    <Screen fixed banner={<HostBanner host={host} />}>
      <Stack.Screen options={{ title: t.logs.title(visible(name)) }} />
      {filtering && (
        <View style={{ padding: spacing.md }}>
          <Choices quiet label={t.logs.streams} choices={streams} chosen={which} onChoose={setWhich} />
        </View>
      )}
      {/* Lines of another choice have other numbers: nothing of the one before is kept. */}
      <Log
        key={which}
        {...{ host, name, which }}
        line={which === 'both' ? line : undefined}
        onFilter={() => {
          setFiltering(!filtering);
        }}
        onSearch={() => {
          router.push({ pathname: '/log-search', params: { host: host.id, name } });
        }}
      />
    </Screen>
  );
}

/** The log of one process as it is written; also of one that is gone, whose logs stay. */
export function LogScreen({
  hostId,
  line,
  name,
}: {
  hostId: string;
  name: string;
  line: number | undefined;
}) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  if (host) return <Shown key={`${name} ${String(line)}`} {...{ host, line, name }} />;
  return <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
