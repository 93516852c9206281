import { useRouter } from 'expo-router';
import { useEffect } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { PredefinedAction } from '../../../contract/predefined.ts';
import { useHosts } from '../../host/connection.tsx';
import type { PredefinedAnswer } from '../../host/predefined-views.ts';
import { useAction } from '../../host/use-action.ts';
import { usePredefined } from '../../host/use-predefined.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code, visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { Screen } from '../../ui/screen.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { RunBadge, runLine } from './run-marks.tsx';

/** Runs that are shown; older ones are of little interest. */
const RUNS = 5;
const riskTone = { low: 'ok', medium: 'warning', high: 'danger' } as const;

type Ready = Extract<PredefinedAnswer, { kind: 'ready' }>;
type Run = ((name: string) => void) | undefined;

function Command(props: { action: PredefinedAction; host: HostView; disabled: boolean; run: Run }) {
  const { action, disabled, host, run } = props;
  const workspace = host.folders.find(({ id }) => id === action.workspaceId)?.name ?? action.workspaceId;
  const name = visible(action.name);
  return (
    <Card title={name}>
      <StatusBadge icon="shield" tone={riskTone[action.risk]} word={t.predefined.risk[action.risk]} />
      <Code lines={action.argv} label={name} />
      <Words size="caption">{visible(t.predefined.folder(workspace, action.cwd))}</Words>
      {run && action.risk !== 'low' && <Words size="caption">{t.predefined.asks}</Words>}
      {run && (
        <Button
          icon="play"
          label={t.predefined.runNamed(name)}
          disabled={disabled}
          onPress={() => {
            run(action.name);
          }}
        />
      )}
    </Card>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <Words size="heading" heading>
      {children}
    </Words>
  );
}

function Runs({ host, runs }: { host: HostView; runs: Ready['runs'] }) {
  const router = useRouter();
  const now = useNow(1000);
  if (runs.length === 0) return null;
  return (
    <>
      <Heading>{t.predefined.runs}</Heading>
      {runs.slice(0, RUNS).map((run) => (
        <ListRow
          key={run.id}
          title={visible(run.name)}
          subtitle={visible(runLine(run, now))}
          badges={<RunBadge run={run} />}
          hint={t.predefined.openRun}
          onPress={() => {
            router.push({ pathname: '/run/[id]', params: { id: run.id, host: host.id } });
          }}
        />
      ))}
    </>
  );
}

function Known(props: { answer: Ready; host: HostView; disabled: boolean; run: Run }) {
  const router = useRouter();
  const { answer, disabled, host, run } = props;
  const { actions, logSources, runs, unusable } = answer;
  if (actions.length + logSources.length + unusable.length + runs.length === 0) {
    return <EmptyState icon="play" title={t.predefined.none} text={t.predefined.noneHint} />;
  }
  return (
    <View style={{ gap: spacing.md }}>
      <Words>{t.predefined.lead}</Words>
      {!run && <Words size="caption">{t.predefined.mayNotRun}</Words>}
      <Runs host={host} runs={runs} />
      {actions.length > 0 && <Heading>{t.predefined.commands}</Heading>}
      {actions.map((action) => (
        <Command key={action.name} {...{ action, disabled, host, run }} />
      ))}
      {logSources.length > 0 && <Heading>{t.predefined.logs}</Heading>}
      {logSources.map(({ name, path }) => (
        <ListRow
          key={name}
          title={visible(name)}
          subtitle={visible(path)}
          hint={t.predefined.openLog}
          onPress={() => {
            router.push({ pathname: '/source/[name]', params: { name, host: host.id } });
          }}
        />
      ))}
      {unusable.map(({ name, reason }) => (
        <Banner key={name} icon="alert" tone="warning" text={visible(t.predefined.unusable(name, reason))} />
      ))}
    </View>
  );
}

function Shown({ host }: { host: HostView }) {
  const router = useRouter();
  const online = host.link.kind === 'online';
  const { answer, again } = usePredefined(host.id, online);
  const { act, busy, delivery, forget } = useAction();
  const runId = delivery?.kind === 'done' ? delivery.runId : undefined;
  useEffect(() => {
    if (runId === undefined) return;
    forget();
    router.push({ pathname: '/run/[id]', params: { id: runId, host: host.id } });
  }, [forget, host.id, router, runId]);
  const run = host.scopes.includes('submit')
    ? (name: string): void => {
        act({ kind: 'start-action', hostId: host.id, name });
      }
    : undefined;
  const banner = (
    <>
      <HostBanner host={host} />
      <DeliveryNote delivery={delivery} done={t.predefined.started} />
    </>
  );
  return (
    <Screen banner={banner}>
      {answer?.kind === 'ready' ? (
        <Known {...{ answer, host, run }} disabled={!online || busy} />
      ) : !online ? (
        <EmptyState icon="offline" title={t.predefined.title} text={t.predefined.offline} />
      ) : answer?.kind === 'failed' ? (
        <ErrorState text={visible(answer.why)} action={{ label: t.common.retry, onPress: again }} />
      ) : (
        <LoadingState />
      )}
    </Screen>
  );
}

/** Commands to run by name and logs to read, as the owner has written them down. */
export function PredefinedScreen({ hostId }: { hostId: string }) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  if (host) return <Shown host={host} />;
  return <Screen fixed>{hosts ? <EmptyState icon="host" title={t.common.gone} /> : <LoadingState />}</Screen>;
}
