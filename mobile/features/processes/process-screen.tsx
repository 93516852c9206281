import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { knownAt } from '../../host/known-at.ts';
import type { FiguresAnswer, ProcessView } from '../../host/process-views.ts';
import { useAction } from '../../host/use-action.ts';
import { useFigures } from '../../host/use-figures.ts';
import type { HostView } from '../../host/views.ts';
import { bytes } from '../../texts/amounts.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code, visible } from '../../ui/code.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { isAlive } from '../../host/process-view.ts';
import { ProcessBadge, ProcessButtons, standingOf, usedBy } from './process-marks.tsx';

/** What must be known of it beside its state. */
function remarks({ adopted, crashLoop, logsLost }: ProcessView): string[] {
  return [
    ...(crashLoop ? [t.processes.crashLoop] : []),
    ...(adopted ? [t.processes.adopted] : []),
    ...(logsLost > 0 ? [t.processes.lost(bytes(logsLost))] : []),
  ];
}

function useLines(figures: FiguresAnswer | undefined, online: boolean, name: string): string[] {
  if (!online) return [t.processes.notMeasured];
  if (!figures) return [t.processes.measuring];
  if (figures.kind === 'failed') return [visible(figures.why)];
  if (!figures.supported) return [t.processes.unsupported];
  const figure = figures.of.get(name);
  if (!figure) return [t.processes.measuring];
  return [
    usedBy(figure).join(' · '),
    t.processes.made(figure.count),
    ...(figure.ports.length === 0 ? [] : [t.processes.ports(figure.ports.join(', '))]),
  ];
}

function Use({ host, process }: { host: HostView; process: ProcessView }) {
  const online = host.link.kind === 'online';
  const figures = useFigures(host.id, online);
  const lines = useLines(figures, online, process.id);
  return (
    <Card title={t.processes.now}>
      {lines.map((line) => (
        <Words key={line}>{line}</Words>
      ))}
    </Card>
  );
}

function Shown({ host, process }: { host: HostView; process: ProcessView }) {
  const router = useRouter();
  const now = useNow(1000);
  const { act, busy, delivery } = useAction();
  const [done, setDone] = useState<string>();
  const online = host.link.kind === 'online';
  const mayManage = host.scopes.includes('manage');
  const banner = (
    <>
      <HostBanner host={host} />
      <DeliveryNote delivery={delivery} {...(done !== undefined && { done })} />
    </>
  );
  const footer = (
    <>
      {!mayManage && <Words size="caption">{t.processes.mayNotManage}</Words>}
      {mayManage && !online && <Words size="caption">{t.processes.offline}</Words>}
      {mayManage && (
        <ProcessButtons
          hostId={host.id}
          process={process}
          disabled={!online || busy}
          onAct={(action, told) => {
            setDone(told);
            act(action);
          }}
        />
      )}
    </>
  );
  return (
    <Screen banner={banner} footer={footer}>
      <View style={{ gap: spacing.sm }}>
        <Words size="title" heading>
          {visible(process.name)}
        </Words>
        <ProcessBadge state={process.state} />
        <Words>{standingOf(process, now, knownAt(host.link, now)).join(' · ')}</Words>
        {remarks(process).map((remark) => (
          <Words key={remark} size="caption">
            {remark}
          </Words>
        ))}
      </View>
      <Button
        kind="primary"
        label={t.logs.open}
        onPress={() => {
          router.push({ pathname: '/log/[name]', params: { name: process.id, host: host.id } });
        }}
      />
      {isAlive(process) && <Use {...{ host, process }} />}
      <Card title={t.processes.command}>
        <Code lines={process.argv} label={t.processes.command} />
        <Words size="caption">{t.processes.folder(visible(process.folder))}</Words>
      </Card>
    </Screen>
  );
}

/** One process: how it stands, what it uses, its log; start, stop and restart it. */
export function ProcessScreen({ hostId, name }: { hostId: string; name: string }) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  const process = host?.processes.find(({ id }) => id === name);
  if (host && process) return <Shown key={process.id} {...{ host, process }} />;
  return <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
