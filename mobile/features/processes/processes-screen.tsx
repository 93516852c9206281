import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { knownAt } from '../../host/known-at.ts';
import { byNeed } from '../../host/process-view.ts';
import type { FigureView } from '../../host/process-views.ts';
import { useFigures } from '../../host/use-figures.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { HostBanner } from '../hosts/host-banner.tsx';
import { HostParts } from './host-parts.tsx';
import { ProcessRow } from './process-row.tsx';

const unknown = { of: new Map<string, FigureView>(), parts: [], ended: [] };
const Gap = () => <View style={{ height: spacing.sm }} />;

function List({ host }: { host: HostView }) {
  const router = useRouter();
  const now = useNow(1000);
  const known = knownAt(host.link, now);
  const figures = useFigures(host.id, host.link.kind === 'online');
  const { ended, of, parts } = figures?.kind === 'ready' ? figures : unknown;
  return (
    <FlashList
      data={byNeed(host.processes)}
      extraData={[now, figures]}
      keyExtractor={({ id }) => id}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      ListEmptyComponent={<EmptyState icon="host" title={t.processes.none} text={t.processes.noneHint} />}
      ListHeaderComponent={
        host.processes.length === 0 ? null : (
          <View style={{ paddingBottom: spacing.md }}>
            <Button
              icon="search"
              label={t.logs.searchAll}
              onPress={() => {
                router.push({ pathname: '/log-search', params: { host: host.id } });
              }}
            />
          </View>
        )
      }
      ListFooterComponent={<HostParts {...{ host, parts, ended, known }} />}
      renderItem={({ item }) => (
        <ProcessRow hostId={host.id} process={item} figure={of.get(item.id)} now={now} known={known} />
      )}
    />
  );
}

/** All processes of one host, those that need somebody first. */
export function ProcessesScreen({ hostId }: { hostId: string }) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  if (!host) {
    return (
      <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>
    );
  }
  return (
    <Screen fixed banner={<HostBanner host={host} />}>
      <List host={host} />
    </Screen>
  );
}
