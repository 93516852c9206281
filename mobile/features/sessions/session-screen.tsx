import { useEffect, useState } from 'react';
import { useConnection, useHosts } from '../../host/connection.tsx';
import { useAction } from '../../host/use-action.ts';
import { MOST_ENTRIES } from '../../host/timeline.ts';
import type { HostView, SessionView, TimelineEntry } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code, visible, visibleText } from '../../ui/code.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { RichText } from '../../ui/rich-text.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { HostBanner } from '../hosts/host-banner.tsx';
import { SessionBadge } from './session-badge.tsx';

function Entry({ entry, agent, now }: { entry: TimelineEntry; agent: string; now: number }) {
  const who = {
    you: t.session.you,
    agent,
    tool: t.session.tool,
    plan: t.session.plan,
    diff: t.session.diff,
    note: t.session.note,
  };
  return (
    <Card>
      <Words size="caption">{`${who[entry.kind]} · ${ago(t, entry.at, now)}`}</Words>
      {entry.kind === 'diff' && <DiffView diff={entry.text} />}
      {entry.kind === 'tool' && <Code lines={entry.text.trimEnd().split('\n')} />}
      {entry.kind !== 'diff' && entry.kind !== 'tool' && <RichText text={visibleText(entry.text)} />}
    </Card>
  );
}

/** The timeline of a session while the screen is open; empty while the host has not begun it. */
function useTimeline(hostId: string | undefined, sessionId: string | null): readonly TimelineEntry[] {
  const connection = useConnection();
  const [entries, setEntries] = useState<readonly TimelineEntry[]>([]);
  useEffect(() => {
    if (!connection || hostId === undefined || sessionId === null) return undefined;
    return connection.follow(hostId, sessionId, setEntries);
  }, [connection, hostId, sessionId]);
  return entries;
}

/** What came of it; an agent's summary that is its last message already is not said twice. */
function Result({ session, timeline }: { session: SessionView; timeline: readonly TimelineEntry[] }) {
  const interrupted = session.status === 'interrupted' ? t.session.interrupted : undefined;
  const result = session.result?.trim() ?? interrupted;
  const said = timeline.some(({ kind, text }) => kind === 'agent' && text.trim() === result);
  const told = said ? undefined : result;
  if (told === undefined && session.changedFiles.length === 0) return null;
  return (
    <Card>
      {told !== undefined && <RichText text={visibleText(told)} />}
      {session.changedFiles.length > 0 && (
        <>
          <Words size="caption">{t.session.steps(session.changedFiles.length)}</Words>
          <Code lines={session.changedFiles} />
        </>
      )}
    </Card>
  );
}

/** Finds a task; ids are unique within a host only, so a link without a host takes the first that has it. */
function findSession(hosts: readonly HostView[] | undefined, id: string, hostId: string | undefined) {
  const host = hosts?.find(
    (item) => (hostId === undefined || item.id === hostId) && item.sessions.some((s) => s.id === id),
  );
  return { host, session: host?.sessions.find((item) => item.id === id) };
}

/** One task: what was said and done, what came of it, cancel. */
export function SessionScreen({ id, hostId }: { id: string; hostId: string | undefined }) {
  const hosts = useHosts();
  const now = useNow(30_000);
  const { delivery, act, busy } = useAction();
  const { host, session } = findSession(hosts, id, hostId);
  const timeline = useTimeline(host?.id, session?.sessionId ?? null);
  if (!host || !session) {
    return (
      <Screen fixed>{hosts ? <EmptyState icon="agents" title={t.common.gone} /> : <LoadingState />}</Screen>
    );
  }
  const enabled = host.link.kind === 'online' && host.scopes.includes('submit') && !busy;
  const running = session.status === 'working' || session.status === 'waiting';
  const cancel = (): void => {
    act({ kind: 'cancel-task', hostId: host.id, taskId: session.id });
  };
  const banner = (
    <>
      <HostBanner host={host} />
      <DeliveryNote delivery={delivery} />
    </>
  );
  const footer = <Button icon="stop" label={t.session.cancel} disabled={!enabled} onPress={cancel} />;
  return (
    <Screen banner={banner} {...(running && { footer })}>
      <Words size="title" heading>
        {visible(session.title)}
      </Words>
      <SessionBadge status={session.status} />
      {timeline.length === 0 && <Words>{t.session.empty}</Words>}
      {timeline.length >= MOST_ENTRIES && <Words size="caption">{t.session.cut}</Words>}
      {timeline.map((entry) => (
        <Entry key={entry.id} entry={entry} agent={session.agent} now={now} />
      ))}
      <Result session={session} timeline={timeline} />
    </Screen>
  );
}
