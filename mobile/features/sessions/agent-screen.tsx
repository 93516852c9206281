import { FlashList } from '@shopify/flash-list';
import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import type { AgentView, SessionView } from '../../host/task-views.ts';
import { useSessions } from '../../host/use-sessions.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { AgentBadge, agentFacts } from './agent-line.tsx';
import { OriginBadge } from './session-marks.tsx';

const Gap = () => <View style={{ height: spacing.sm }} />;

function About({ agent }: { agent: AgentView }) {
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="title" heading>
        {visible(agent.name)}
      </Words>
      <AgentBadge agent={agent} />
      <Words>{agentFacts(agent)}</Words>
      {agent.loginNote !== '' && <Words size="caption">{visible(agent.loginNote)}</Words>}
      {agent.state !== 'available' && <Words size="caption">{t.agents.hints[agent.state]}</Words>}
      {agent.state === 'available' && agent.login === 'no' && (
        <Words size="caption">{t.agents.noLoginHint}</Words>
      )}
      <Words size="heading" heading>
        {t.agents.sessions}
      </Words>
    </View>
  );
}

function SessionRow({ now, session }: { session: SessionView; now: number }) {
  const router = useRouter();
  return (
    <ListRow
      title={visible(session.title)}
      subtitle={visible(`${session.folder} · ${ago(t, session.changedAt, now)}`)}
      badges={<OriginBadge origin={session.origin} />}
      hint={t.session.openHint}
      onPress={() => {
        router.push({ pathname: '/session/[id]', params: { id: session.id, host: session.hostId } });
      }}
    />
  );
}

function Sessions({ agent, host }: { agent: AgentView; host: HostView }) {
  const now = useNow(30_000);
  const online = host.link.kind === 'online';
  const list = useSessions(host.id, agent.id, online);
  const { next, notices, sessions, state, why } = list;
  const none = !online ? (
    <Words>{t.agents.sessionsOffline}</Words>
  ) : state === 'loading' ? (
    <LoadingState />
  ) : state === 'ready' ? (
    <EmptyState icon="agents" title={t.agents.noSessions} text={t.agents.noSessionsHint} />
  ) : (
    <ErrorState text={visible(why)} action={{ label: t.common.retry, onPress: list.again }} />
  );
  return (
    <FlashList
      data={sessions}
      extraData={now}
      keyExtractor={({ id }) => id}
      contentContainerStyle={{ padding: spacing.lg }}
      ItemSeparatorComponent={Gap}
      ListHeaderComponent={
        <View style={{ paddingBottom: spacing.md, gap: spacing.sm }}>
          <About agent={agent} />
          {notices.length > 0 && <Words size="caption">{t.agents.notRead(notices.length)}</Words>}
          {notices.map((notice) => (
            <Words key={notice} size="caption">
              {visible(notice)}
            </Words>
          ))}
        </View>
      }
      ListEmptyComponent={none}
      ListFooterComponent={
        <View style={{ paddingTop: spacing.md, gap: spacing.sm }}>
          {state === 'failed' && sessions.length > 0 && <Words>{visible(why)}</Words>}
          {next !== null && <Button label={t.agents.moreSessions} disabled={!online} onPress={list.more} />}
        </View>
      }
      renderItem={({ item }) => <SessionRow session={item} now={now} />}
    />
  );
}

/** One agent: whether it can work, and its sessions, those begun here and its own. */
export function AgentScreen({ hostId, name }: { name: string; hostId: string }) {
  const hosts = useHosts();
  const host = hosts?.find(({ id }) => id === hostId);
  const agent = host?.agents.find(({ id }) => id === name);
  if (!host || !agent) {
    return (
      <Screen fixed>{hosts ? <EmptyState icon="agents" title={t.common.gone} /> : <LoadingState />}</Screen>
    );
  }
  return (
    <Screen fixed banner={<HostBanner host={host} />}>
      <Sessions agent={agent} host={host} />
    </Screen>
  );
}
