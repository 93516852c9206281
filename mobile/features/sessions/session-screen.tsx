import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import type { SessionView } from '../../host/task-views.ts';
import { useAction } from '../../host/use-action.ts';
import { useSession } from '../../host/use-session.ts';
import { useTimeline } from '../../host/use-timeline.ts';
import type { HostAction, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { buttonRow, buttonRowItem } from '../../ui/button-row.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { SessionControls } from './session-controls.tsx';
import { OriginBadge, SessionStateBadge } from './session-marks.tsx';
import { TimelineList } from './timeline-list.tsx';

interface Part {
  readonly host: HostView;
  readonly session: SessionView;
  readonly busy: boolean;
  /** Carries an action out; `done` is how its success is told. */
  onAct(action: HostAction, done: string): void;
}

/** Go on with it, or end what it does; a device that may only look is told so. */
function Actions({ busy, host, onAct, session }: Part) {
  const router = useRouter();
  if (!host.scopes.includes('submit')) return <Words size="caption">{t.tasks.mayOnlyLook}</Words>;
  const online = host.link.kind === 'online';
  const of = { hostId: host.id, sessionId: session.id };
  return (
    <>
      {session.state === 'open' && !online && <Words size="caption">{t.tasks.offline}</Words>}
      {session.state === 'open' && (
        <View style={buttonRow}>
          <View style={buttonRowItem}>
            <Button
              icon="stop"
              label={t.session.cancelTurn}
              hint={t.session.cancelTurnHint}
              disabled={!online || busy}
              onPress={() => {
                onAct({ kind: 'cancel-turn', ...of }, t.session.turnCancelled);
              }}
            />
          </View>
          <View style={buttonRowItem}>
            <Button
              icon="cross"
              label={t.session.end}
              hint={t.session.endHint}
              disabled={!online || busy}
              onPress={() => {
                onAct({ kind: 'end-session', ...of }, t.session.closed);
              }}
            />
          </View>
        </View>
      )}
      <Button
        kind="primary"
        label={t.session.continue}
        onPress={() => {
          router.push({ pathname: '/continue/[id]', params: { id: session.id, host: host.id } });
        }}
      />
    </>
  );
}

function About(part: Part) {
  const { host, session } = part;
  const router = useRouter();
  const now = useNow(30_000);
  const { taskId } = session;
  const known = taskId !== null && host.tasks.some(({ id }) => id === taskId);
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="title" heading>
        {visible(session.title)}
      </Words>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.xs }}>
        <SessionStateBadge state={session.state} />
        <OriginBadge origin={session.origin} />
      </View>
      <Words>{visible(t.inbox.from(session.agent, session.folder, session.hostName))}</Words>
      <Words size="caption">{ago(t, session.changedAt, now)}</Words>
      {known && (
        <Button
          label={t.session.task}
          onPress={() => {
            router.push({ pathname: '/task/[id]', params: { id: taskId, host: host.id } });
          }}
        />
      )}
      <SessionControls {...part} />
    </View>
  );
}

function ShownSession({ host, session }: { host: HostView; session: SessionView }) {
  const { act, busy, delivery } = useAction();
  const online = host.link.kind === 'online';
  const shown = useTimeline(host.id, session.id, online);
  const [done, setDone] = useState<string>();
  const onAct = (action: HostAction, told: string): void => {
    setDone(told);
    act(action);
  };
  const part = { host, session, busy, onAct };
  const banner = (
    <>
      <HostBanner host={host} />
      <DeliveryNote delivery={delivery} {...(done !== undefined && { done })} />
    </>
  );
  return (
    <Screen fixed banner={banner} footer={<Actions {...part} />}>
      <TimelineList
        {...{ shown, online }}
        hostId={host.id}
        agent={session.agent}
        begun
        live={session.state === 'open'}
        above={<About {...part} />}
      />
    </Screen>
  );
}

/** One conversation with an agent, of this host or of the agent's own store. */
export function SessionScreen({ id, hostId }: { id: string; hostId: string }) {
  const hosts = useHosts();
  const host = hosts?.find((one) => one.id === hostId);
  const { again, answer } = useSession(host, id);
  if (host && answer?.kind === 'ready') return <ShownSession host={host} session={answer.session} />;
  if (host && answer?.kind === 'failed') {
    return (
      <Screen fixed banner={<HostBanner host={host} />}>
        <ErrorState text={visible(answer.why)} action={{ label: t.common.retry, onPress: again }} />
      </Screen>
    );
  }
  const isGone = hosts !== undefined && !host;
  return (
    <Screen fixed>{isGone ? <EmptyState icon="agents" title={t.common.gone} /> : <LoadingState />}</Screen>
  );
}
