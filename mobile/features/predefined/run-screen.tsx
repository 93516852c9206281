import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ActionRun } from '../../../contract/predefined.ts';
import { useHosts } from '../../host/connection.tsx';
import type { RunView } from '../../host/predefined-views.ts';
import { useAction } from '../../host/use-action.ts';
import { useActionRun } from '../../host/use-predefined.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TextLines } from '../../ui/text-lines.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { RunBadge, runLine } from './run-marks.tsx';

type Acting = ReturnType<typeof useAction>;

function About({ run, shown }: { run: ActionRun; shown: RunView }) {
  const router = useRouter();
  const isLive = run.state === 'running' || run.state === 'waiting';
  const now = useNow(isLive ? 1000 : 30_000);
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="title" heading>
        {visible(run.name)}
      </Words>
      <RunBadge run={run} />
      <Words>{visible(runLine(run, now))}</Words>
      {run.state === 'refused' && <Words>{visible(run.reason)}</Words>}
      {run.state === 'waiting' && (
        <>
          <Words size="caption">{t.predefined.waitsHint}</Words>
          <Button
            kind="primary"
            icon="inbox"
            label={t.predefined.toInbox}
            onPress={() => {
              router.push('/');
            }}
          />
        </>
      )}
      {shown.text !== '' && (
        <Words size="heading" heading>
          {t.predefined.output}
        </Words>
      )}
      {shown.incomplete && <Words size="caption">{t.predefined.incomplete}</Words>}
    </View>
  );
}

function Buttons(props: { acting: Acting; host: HostView; run: ActionRun }) {
  const { acting, host, run } = props;
  const disabled = acting.busy || host.link.kind !== 'online';
  if (!host.scopes.includes('submit')) return <Words size="caption">{t.predefined.mayNotRun}</Words>;
  if (run.state === 'ended' || run.state === 'refused') {
    return (
      <Button
        icon="restart"
        label={t.predefined.again}
        disabled={disabled}
        onPress={() => {
          acting.act({ kind: 'start-action', hostId: host.id, name: run.name });
        }}
      />
    );
  }
  const waits = run.state === 'waiting';
  return (
    <Button
      icon="stop"
      kind="danger"
      label={waits ? t.predefined.withdraw : t.predefined.stop}
      hint={waits ? t.predefined.withdrawHint : t.predefined.stopHint}
      disabled={disabled}
      onPress={() => {
        acting.act({ kind: 'stop-action', hostId: host.id, runId: run.id });
      }}
    />
  );
}

function Shown({ host, id }: { host: HostView; id: string }) {
  // "Run again" makes another run, which takes the place of this one.
  const [runId, setRunId] = useState(id);
  const online = host.link.kind === 'online';
  const { again, shown } = useActionRun(host.id, runId, online);
  const acting = useAction();
  const { delivery, forget } = acting;
  const next = delivery?.kind === 'done' ? delivery.runId : undefined;
  if (next !== undefined && next !== runId) {
    setRunId(next);
    forget();
  }
  const { run, state, text, why } = shown;
  const banner = (
    <>
      <HostBanner host={host} />
      <DeliveryNote delivery={delivery} done={t.predefined.stopDone} />
      {online && state === 'failed' && run && <Banner icon="alert" tone="warning" text={visible(why)} />}
    </>
  );
  if (!run) {
    return (
      <Screen fixed banner={banner}>
        {!online ? (
          <EmptyState icon="offline" title={t.predefined.runTitle} text={t.predefined.runOffline} />
        ) : state === 'failed' ? (
          <ErrorState text={visible(why)} action={{ label: t.common.retry, onPress: again }} />
        ) : (
          <LoadingState />
        )}
      </Screen>
    );
  }
  const isLive = run.state === 'running';
  return (
    <Screen fixed banner={banner} footer={<Buttons {...{ acting, host, run }} />}>
      <TextLines
        text={text}
        atEnd={isLive}
        above={<About run={run} shown={shown} />}
        empty={
          run.state === 'waiting' || run.state === 'refused' ? (
            <View />
          ) : (
            <Words>{isLive ? t.predefined.noOutput : t.predefined.noOutputEver}</Words>
          )
        }
      />
    </Screen>
  );
}

/** One run of a predefined command: how it stands, what it prints as it prints it; stop it, run it again. */
export function RunScreen({ hostId, id }: { hostId: string; id: string }) {
  const hosts = useHosts();
  const host = hosts?.find((one) => one.id === hostId);
  if (host) return <Shown key={id} {...{ host, id }} />;
  return <Screen fixed>{hosts ? <EmptyState icon="play" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
