import { useHosts } from '../../host/connection.tsx';
import { useSession } from '../../host/use-session.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Words } from '../../ui/words.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { hostsForTasks } from './new-task-screen.tsx';
import { TaskForm } from './task-form.tsx';

/** A task that goes on with a session: its agent and workspace are those of the session. */
export function ContinueScreen({ id, hostId }: { id: string; hostId: string }) {
  const hosts = useHosts();
  const host = hosts?.find((one) => one.id === hostId);
  const { again, answer } = useSession(host, id);
  if (!hosts || (host && !answer)) {
    return (
      <Screen fixed>
        <LoadingState />
      </Screen>
    );
  }
  if (!host || !answer) {
    return (
      <Screen fixed>
        <EmptyState icon="agents" title={t.common.gone} />
      </Screen>
    );
  }
  if (answer.kind === 'failed') {
    return (
      <Screen fixed banner={<HostBanner host={host} />}>
        <ErrorState text={visible(answer.why)} action={{ label: t.common.retry, onPress: again }} />
      </Screen>
    );
  }
  const ready = hostsForTasks([host]);
  const { session } = answer;
  if (ready.length === 0) {
    const looks = !host.scopes.includes('submit');
    return (
      <Screen fixed banner={<HostBanner host={host} />}>
        <EmptyState
          icon={looks ? 'shield' : 'offline'}
          title={looks ? t.task.mayOnlyLook : t.task.noneReady}
          text={looks ? t.task.mayOnlyLookHint : t.task.noneReadyHint}
        />
      </Screen>
    );
  }
  return (
    <Screen banner={<HostBanner host={host} />}>
      <Words size="heading" heading>
        {t.session.continues(visible(session.title))}
      </Words>
      <Words>{visible(t.inbox.from(session.agent, session.folder, session.hostName))}</Words>
      {session.origin === 'agent' && <Words size="caption">{t.session.own}</Words>}
      {session.state === 'open' && <Words size="caption">{t.session.busy}</Words>}
      <TaskForm hosts={ready} session={session} />
    </Screen>
  );
}
