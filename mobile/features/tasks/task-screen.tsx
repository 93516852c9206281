import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { knownAt } from '../../host/known-at.ts';
import type { TaskView, TimelineItem } from '../../host/task-views.ts';
import { useAction } from '../../host/use-action.ts';
import { useTimeline } from '../../host/use-timeline.ts';
import type { HostView } from '../../host/views.ts';
import { elapsed } from '../../texts/amounts.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { visible, visibleText } from '../../ui/code.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { Fold } from '../../ui/fold.tsx';
import { RichText } from '../../ui/rich-text.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { TimelineList } from '../sessions/timeline-list.tsx';
import { reachedByHost } from './delivery-steps.ts';
import { DeliveryWay } from './delivery-way.tsx';
import { isUnderWay, TaskActions } from './task-actions.tsx';
import { TaskBadge } from './task-badge.tsx';
import { TaskDiffCard } from './task-diff.tsx';
import { UsageCard } from './usage-card.tsx';
import { runFor } from './usage-lines.ts';

/** Ids are unique within a host only, so a link without a host takes the first that has it. */
export function findTask(hosts: readonly HostView[] | undefined, id: string, hostId: string | undefined) {
  const host = hosts?.find(
    (item) => (hostId === undefined || item.id === hostId) && item.tasks.some((task) => task.id === id),
  );
  return { host, task: host?.tasks.find((item) => item.id === id) };
}

/** One line each on how it stands. */
function standing(task: TaskView, now: number, known: number): string[] {
  const ms = runFor(task, known);
  const ended = task.endedAt !== null;
  return [
    ...(ms === null ? [] : [ended ? t.tasks.ran(elapsed(ms)) : t.tasks.running(elapsed(ms))]),
    ...(task.agentSeenAt === null ? [] : [t.tasks.heard(ago(t, task.agentSeenAt, now))]),
    ...(task.toolCalls === 0 ? [] : [t.tasks.toolCalls(task.toolCalls)]),
    ...(task.steered === 0 ? [] : [t.tasks.steered(task.steered)]),
  ];
}

/** The questions that a task waits for, one press away. */
function Questions({ host, task }: { host: HostView; task: TaskView }) {
  const router = useRouter();
  if (task.approvals.length === 0) return null;
  return (
    <Card title={t.tasks.waitsForYou}>
      {task.approvals.map((id) => {
        const approval = host.approvals.find((one) => one.id === id);
        const title = approval?.genuine === true ? visible(approval.title) : undefined;
        return (
          <View key={id} style={{ gap: spacing.sm }}>
            {title !== undefined && <Words>{title}</Words>}
            <Button
              kind="primary"
              icon="question"
              label={t.tasks.answer}
              {...(title !== undefined && { hint: title })}
              onPress={() => {
                router.push({ pathname: '/approval/[id]', params: { id, host: host.id } });
              }}
            />
          </View>
        );
      })}
    </Card>
  );
}

/** What came of it; an agent's summary that is its last message already is not said twice. */
function Result({ items, task }: { items: readonly TimelineItem[]; task: TaskView }) {
  const result = task.result?.trim();
  const said = items.some((item) => item.kind === 'speech' && item.text.trim() === result);
  const title = task.cause && t.tasks.causes[task.cause];
  return (
    <>
      {task.status === 'interrupted' && (
        <Card>
          <Words>{t.tasks.interrupted}</Words>
        </Card>
      )}
      {(title !== undefined || (result !== undefined && !said)) && (
        <Card {...(title !== undefined && { title })}>
          {result !== undefined && !said && <RichText text={visibleText(result)} />}
        </Card>
      )}
    </>
  );
}

function Details({ known, now, task }: { task: TaskView; now: number; known: number }) {
  const router = useRouter();
  const said = { open: t.session.unfold(t.tasks.facts), close: t.session.fold(t.tasks.facts) };
  const { retryOf } = task;
  return (
    <Card>
      <Words>{visible(t.inbox.from(task.agent, task.folder, task.hostName))}</Words>
      <Words size="caption">{`${t.tasks.mode}: ${t.task.modes[task.mode]}`}</Words>
      <Words size="caption">{standing(task, now, known).join(' · ')}</Words>
      {task.status === 'queued' && <Words size="caption">{t.tasks.queueHint}</Words>}
      {task.droppedBytes > 0 && <Words size="caption">{t.tasks.dropped}</Words>}
      <Fold title={t.tasks.facts} said={said}>
        <RichText text={visibleText(task.text)} />
        <DeliveryWay fromHost reached={reachedByHost(task.delivery)} />
        {retryOf !== null && (
          <Button
            label={t.tasks.openRetried}
            hint={t.tasks.retryOf}
            onPress={() => {
              router.push({ pathname: '/task/[id]', params: { id: retryOf, host: task.hostId } });
            }}
          />
        )}
      </Fold>
    </Card>
  );
}

function ShownTask({ host, task }: { host: HostView; task: TaskView }) {
  const acting = useAction();
  const underWay = isUnderWay(task);
  const now = useNow(underWay ? 1000 : 30_000);
  const online = host.link.kind === 'online';
  const shown = useTimeline(host.id, task.sessionId, online);
  const { delivery } = acting;
  const banner = (
    <>
      <HostBanner host={host} />
      <DeliveryNote
        delivery={delivery}
        {...(delivery?.kind === 'done' && delivery.taskId !== undefined && { done: t.tasks.retried })}
      />
    </>
  );
  const reached = reachedByHost(task.delivery);
  return (
    <Screen fixed banner={banner} footer={<TaskActions {...{ acting, host, task }} />}>
      <TimelineList
        shown={shown}
        hostId={host.id}
        agent={task.agent}
        online={online}
        begun={task.sessionId !== null}
        live={underWay}
        above={
          <>
            <Words size="title" heading>
              {visible(task.title)}
            </Words>
            <TaskBadge status={task.status} position={task.position} />
            <Questions {...{ host, task }} />
            {reached.kind === 'unknown' && <DeliveryWay fromHost reached={reached} />}
            <Details {...{ now, task }} known={knownAt(host.link, now)} />
            <UsageCard {...{ now, task }} />
          </>
        }
        below={
          <>
            <Result task={task} items={shown.timeline.items} />
            {task.startedAt !== null && <TaskDiffCard task={task} online={online} />}
          </>
        }
      />
    </Screen>
  );
}

/** One task: how it stands, what was said and done, what came of it; steer, stop, retry, go on. */
export function TaskScreen({ id, hostId }: { id: string; hostId: string | undefined }) {
  const hosts = useHosts();
  const { host, task } = findTask(hosts, id, hostId);
  if (host && task) return <ShownTask key={task.id} {...{ host, task }} />;
  return (
    <Screen fixed>{hosts ? <EmptyState icon="agents" title={t.common.gone} /> : <LoadingState />}</Screen>
  );
}
