import { Stack } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { useLogSource } from '../../host/use-predefined.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TextLines } from '../../ui/text-lines.tsx';
import { Words } from '../../ui/words.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';

/** How many of the last lines can be asked for; the host gives 2000 at most. */
const tails = (['200', '1000', '2000'] as const).map((id) => ({ id, name: id }));
type Tail = (typeof tails)[number]['id'];

function Shown({ host, name }: { host: HostView; name: string }) {
  const online = host.link.kind === 'online';
  const [tail, setTail] = useState<Tail>('200');
  const { again, answer, asking } = useLogSource(host.id, name, Number(tail), online);
  const [before, setBefore] = useState<Extract<typeof answer, { kind: 'ready' }>>();
  if (answer?.kind === 'ready' && answer !== before) setBefore(answer);
  const banner = (
    <>
      <HostBanner host={host} />
      {before && answer?.kind === 'failed' && (
        <Banner icon="alert" tone="warning" text={visible(answer.why)} />
      )}
    </>
  );
  const footer = (
    <>
      <Choices label={t.predefined.tail} choices={tails} chosen={tail} onChoose={setTail} />
      <Button icon="restart" label={t.predefined.refresh} disabled={!online} busy={asking} onPress={again} />
    </>
  );
  return (
    <Screen fixed banner={banner} footer={footer}>
      <Stack.Screen options={{ title: visible(name) }} />
      {before ? (
        <TextLines
          text={before.text}
          atEnd
          above={
            <View style={{ gap: spacing.sm }}>
              <Words size="title" heading>
                {visible(name)}
              </Words>
              {before.truncated && <Words size="caption">{t.predefined.earlierLines}</Words>}
            </View>
          }
          empty={<Words>{t.predefined.emptyLog}</Words>}
        />
      ) : !online ? (
        <EmptyState icon="offline" title={t.predefined.logTitle} text={t.predefined.logOffline} />
      ) : answer?.kind === 'failed' ? (
        <ErrorState text={visible(answer.why)} action={{ label: t.common.retry, onPress: again }} />
      ) : (
        <LoadingState />
      )}
    </Screen>
  );
}

/** The last lines of a log that the owner has written down. */
export function SourceScreen({ hostId, name }: { hostId: string; name: string }) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  if (host) return <Shown key={name} {...{ host, name }} />;
  return <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
