import { useState } from 'react';
import { DELETED_KEPT_MS } from '../../../contract/session-retention.ts';
import type { Session } from '../../../contract/sessions.ts';
import { Principal } from '../../host/principal.tsx';
import { useHost, useHostState, useQuery } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { when } from '../../ui/format.ts';
import { ActionButton, Empty, Facts, Failure, Loading } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ContinueSession } from './continue-session.tsx';
import { SessionControls } from './session-controls.tsx';
import { sessionMark, usageText } from './session-marks.ts';
import { TimelineView } from './timeline/timeline-view.tsx';

const t = en.sessions;

/** @param listed what the list knows of it; null for one that was reached by its address alone */
export function SessionPage(props: { id: string; listed: Session | null; onChanged(): void }) {
  const live = useHostState((state) => state.sessions[props.id]);
  const [round, setRound] = useState(1);
  // One that was deleted is not in the state any more: only the host knows what became of it.
  const query = useQuery('sessions.get', { sessionId: props.id }, live ? 0 : round);
  const session = live ?? (query.state === 'ready' ? query.value : props.listed);
  if (session) return <SessionCard session={session} onChanged={props.onChanged} />;
  if (query.state === 'loading') return <Loading />;
  if (query.state === 'failed' && query.error.code !== 'not_found')
    return <Failure error={query.error} onRetry={() => setRound(round + 1)} />;
  return <Empty icon="tasks">{t.gone}</Empty>;
}

function SessionCard({ session, onChanged }: { session: Session; onChanged: () => void }) {
  const [asking, setAsking] = useState<'continue' | 'remove' | null>(null);
  const { actions } = useHost();
  const { id: sessionId, state } = session;
  const close = () => setAsking(null);
  const act = async (name: 'sessions.delete' | 'sessions.restore', what: string, done: string) => {
    const result = await actions.run(`session.${sessionId}`, name, { sessionId }, { what, done });
    if (result?.ok) onChanged();
  };
  return (
    <article className="card session" aria-label={t.card}>
      <header className="approval-head">
        <StateMark mark={sessionMark(state)} filled />
        <div className="buttons">
          {state === 'deleted' ? (
            <ActionButton
              action={`session.${sessionId}`}
              onClick={() => void act('sessions.restore', t.restore, t.restored)}
            >
              {t.restore}
            </ActionButton>
          ) : (
            <ActionButton action="task.submit" variant="filled" onClick={() => setAsking('continue')}>
              {t.continue}
            </ActionButton>
          )}
          {state === 'ended' && (
            <ActionButton action={`session.${sessionId}`} color="danger" onClick={() => setAsking('remove')}>
              {t.remove}
            </ActionButton>
          )}
        </div>
      </header>
      <h2 className="session-title">
        <SafeText text={session.title === '' ? t.untitled : session.title} />
      </h2>
      <SessionFacts session={session} />
      {state === 'open' && <SessionControls session={session} />}
      {state !== 'deleted' && <TimelineView sessionId={sessionId} />}
      {asking === 'continue' && <ContinueSession session={session} onClose={close} />}
      {asking === 'remove' && (
        <Confirm
          title={t.removeTitle}
          action={t.remove}
          danger
          onClose={close}
          onConfirm={() => void act('sessions.delete', t.remove, t.removed)}
        >
          <p>{session.origin === 'agent' ? t.removeOwnMeans : t.removeMeans}</p>
        </Confirm>
      )}
    </article>
  );
}

function SessionFacts({ session }: { session: Session }) {
  const now = useNow();
  const folder = useHostState((state) => state.workspaces[session.workspaceId]?.name ?? session.workspaceId);
  const place = session.folder === '.' ? folder : `${folder}/${session.folder}`;
  const { taskId, startedBy, deletedAt } = session;
  return (
    <Facts
      rows={[
        [t.agent, session.agent],
        [t.folder, <SafeText key="folder" text={place} />],
        [t.origin, t.origins[session.origin]],
        ...(taskId === null
          ? []
          : ([
              [
                t.task,
                <a key="task" href={hrefOf('tasks', taskId)}>
                  {taskId}
                </a>,
              ],
            ] as const)),
        ...(startedBy === null ? [] : ([[t.startedBy, <Principal key="by" of={startedBy} />]] as const)),
        [t.created, when(session.createdAt, now)],
        [t.lastActive, when(session.lastActiveAt, now)],
        [t.usage, usageText(session.usage) ?? t.unknownUsage],
        ...(deletedAt === null
          ? []
          : ([[t.deletedAt, `${when(deletedAt, now)}; ${t.kept(daysLeft(deletedAt, now))}`]] as const)),
      ]}
    />
  );
}

function daysLeft(deletedAt: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(deletedAt) + DELETED_KEPT_MS - now) / 86_400_000));
}
