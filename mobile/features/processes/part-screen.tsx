import { Stack, useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { knownAt } from '../../host/known-at.ts';
import type { EndedPartView, FiguresAnswer, PartOutputAnswer, PartView } from '../../host/process-views.ts';
import { useFigures } from '../../host/use-figures.ts';
import { usePartOutput } from '../../host/use-part-output.ts';
import type { HostView } from '../../host/views.ts';
import { bytes } from '../../texts/amounts.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { TextLines } from '../../ui/text-lines.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { endedMarks, runningMarks, titleOf } from './part-marks.ts';

type Ready<A> = Extract<A, { kind: 'ready' }>;
type Part = PartView | EndedPartView;

/** The last answer that told something: what was read stays in sight when the next one fails. */
function useLastReady<A extends { readonly kind: string }>(answer: A | undefined): Ready<A> | undefined {
  const [last, setLast] = useState<Ready<A>>();
  const isReady = (one: A): one is Ready<A> => one.kind === 'ready';
  if (answer && isReady(answer) && answer !== last) {
    setLast(answer);
    return answer;
  }
  return last;
}

function About({ host, part, missing }: { host: HostView; part: Part | undefined; missing: number }) {
  const now = useNow(1000);
  const marks =
    part && ('endedAt' in part ? endedMarks(part, now) : runningMarks(part, knownAt(host.link, now)));
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="title" heading>
        {marks?.title ?? t.parts.output}
      </Words>
      {marks && <StatusBadge {...marks.badge} />}
      {marks && marks.lines.length > 0 && <Words>{marks.lines.join(' · ')}</Words>}
      <Words size="caption">{t.parts.stderr}</Words>
      {missing > 0 && <Words size="caption">{t.parts.notShown(bytes(missing))}</Words>}
    </View>
  );
}

/** What stands where nothing was read yet, and the way on. */
function Nothing(props: { answer: PartOutputAnswer | undefined; online: boolean; onAgain: () => void }) {
  const { answer, online, onAgain } = props;
  if (!online) return <EmptyState icon="offline" title={t.parts.output} text={t.parts.offline} />;
  if (answer?.kind === 'gone') {
    return <EmptyState icon="host" title={t.parts.notKept} text={t.parts.notKeptHint} />;
  }
  if (answer?.kind !== 'failed') return <LoadingState />;
  return <ErrorState text={visible(answer.why)} action={{ label: t.common.retry, onPress: onAgain }} />;
}

/** Why what is shown is not read anew. */
function Stale({ answer }: { answer: PartOutputAnswer | undefined }) {
  if (answer?.kind === 'gone') return <Banner icon="alert" tone="info" text={t.parts.notKept} />;
  if (answer?.kind !== 'failed') return null;
  return <Banner icon="alert" tone="warning" text={visible(answer.why)} />;
}

function partOf(figures: Ready<FiguresAnswer> | undefined, id: string): Part | undefined {
  const all: readonly Part[] = figures ? [...figures.parts, ...figures.ended] : [];
  return all.find((part) => part.id === id);
}

function Shown({ host, id }: { host: HostView; id: string }) {
  const router = useRouter();
  const online = host.link.kind === 'online';
  const part = partOf(useLastReady(useFigures(host.id, online)), id);
  const { again, answer, asking } = usePartOutput(host.id, id, online);
  const printed = useLastReady(answer);
  const banner = (
    <>
      <HostBanner host={host} />
      {printed && <Stale answer={answer} />}
    </>
  );
  const footer = (
    <>
      <Button icon="restart" label={t.parts.readAgain} disabled={!online} busy={asking} onPress={again} />
      {part?.kind === 'tunnel' && host.tunnel.state !== 'off' && (
        <Button
          icon="host"
          label={t.parts.toHost}
          hint={t.parts.openHost}
          onPress={() => {
            router.push('/host');
          }}
        />
      )}
    </>
  );
  return (
    <Screen fixed banner={banner} footer={footer}>
      <Stack.Screen options={{ title: part ? t.parts.outputOf(titleOf(part)) : t.parts.output }} />
      {printed ? (
        <TextLines
          text={printed.text}
          atEnd
          above={<About {...{ host, part, missing: printed.missing }} />}
          empty={<Words>{t.parts.noOutput}</Words>}
        />
      ) : (
        <Nothing {...{ answer, online }} onAgain={again} />
      )}
    </Screen>
  );
}

/** What a tunnel or an agent printed last, also after it has ended. */
export function PartScreen({ hostId, id }: { hostId: string; id: string }) {
  const hosts = useHosts();
  const host = hosts?.find((one) => one.id === hostId);
  if (host) return <Shown key={id} {...{ host, id }} />;
  return <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
