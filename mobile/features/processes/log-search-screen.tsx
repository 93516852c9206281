import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { Pressable, View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { LogLine } from '../../../contract/process-logs.ts';
import { useHosts } from '../../host/connection.tsx';
import { useLogSearch } from '../../host/use-log-search.ts';
import type { LogSearch } from '../../host/use-log-search.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { Field } from '../../ui/field.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Words } from '../../ui/words.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { LogLineRow } from './log-line.tsx';

/** As long as the host takes. */
const TEXT_LIMIT = 1024;
const Gap = () => <View style={{ height: spacing.xs }} />;

function Found({ line, onOpen, showName }: { line: LogLine; onOpen: () => void; showName: boolean }) {
  return (
    <Pressable accessibilityRole="button" accessibilityHint={t.logs.openAt} onPress={onOpen}>
      <View style={{ minHeight: 44, justifyContent: 'center' }}>
        <LogLineRow line={line} marked={false} showName={showName} />
      </View>
    </Pressable>
  );
}

function Nothing({ online, search }: { online: boolean; search: LogSearch }) {
  if (!online) return <Words>{t.logs.offline}</Words>;
  if (search.state === 'searching') return <LoadingState />;
  if (search.state === 'failed') {
    return (
      <View accessibilityRole="alert">
        <Words>{t.logs.failed(visible(search.why))}</Words>
      </View>
    );
  }
  return <Words>{search.state === 'ready' ? t.logs.noMatch : t.logs.searchHint}</Words>;
}

function Shown({ host, name }: { host: HostView; name: string | null }) {
  const router = useRouter();
  const online = host.link.kind === 'online';
  const [text, setText] = useState('');
  const search = useLogSearch(host.id, name);
  const { lines, more, next, state } = search;
  const run = (): void => {
    if (text !== '') search.run(text);
  };
  return (
    <Screen fixed banner={<HostBanner host={host} />}>
      <View style={{ padding: spacing.lg, gap: spacing.sm }}>
        <Field
          label={name === null ? t.logs.searchEvery : t.logs.searchOne(visible(name))}
          value={text}
          onChange={setText}
          maxLength={TEXT_LIMIT}
          literal
          onSubmit={run}
        />
        <Button
          kind="primary"
          icon="search"
          label={t.logs.search}
          disabled={!online || text === ''}
          busy={state === 'searching'}
          onPress={run}
        />
      </View>
      <FlashList
        data={lines}
        keyExtractor={(line) => `${line.name} ${String(line.number)}`}
        contentContainerStyle={{ paddingHorizontal: spacing.lg, paddingBottom: spacing.lg }}
        ItemSeparatorComponent={Gap}
        ListHeaderComponent={
          lines.length > 0 ? (
            <View style={{ paddingBottom: spacing.sm }} accessibilityLiveRegion="polite">
              <Words size="caption">{t.logs.found(lines.length, more)}</Words>
            </View>
          ) : null
        }
        ListEmptyComponent={<Nothing {...{ online, search }} />}
        ListFooterComponent={
          next && lines.length > 0 ? (
            <View style={{ paddingTop: spacing.md }}>
              <Button
                label={t.logs.older}
                disabled={!online}
                busy={state === 'searching'}
                onPress={search.older}
              />
            </View>
          ) : null
        }
        renderItem={({ item }) => (
          <Found
            line={item}
            showName={name === null}
            onOpen={() => {
              router.push({
                pathname: '/log/[name]',
                params: { name: item.name, host: host.id, line: String(item.number) },
              });
            }}
          />
        )}
      />
    </Screen>
  );
}

/** Finds lines in the log of one process, or in those of all. */
export function LogSearchScreen({ hostId, name }: { hostId: string; name: string | null }) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  if (host) return <Shown {...{ host, name }} />;
  return <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
