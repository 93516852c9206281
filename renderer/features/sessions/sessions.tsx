import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Session } from '../../../contract/sessions.ts';
import { useHostState, useOnline } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Opened } from '../../ui/opened.tsx';
import { Card, Empty, Failure, Loading, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { noFilter, WHICH, type SessionFilter } from './session-filter.ts';
import { sessionMark } from './session-marks.ts';
import { SessionPage } from './session-page.tsx';
import { SessionStores } from './session-stores.tsx';
import { useSessions, type SessionList } from './use-sessions.ts';

const t = en.sessions;

export default function Sessions({ item }: { item: string | null }) {
  const [filter, setFilter] = useState<SessionFilter>(noFilter);
  const list = useSessions(filter);
  const [choosing, setChoosing] = useState(false);
  const actions = (
    <>
      <Button variant="default" component="a" href={hrefOf('tasks')}>
        <Icon name="tasks" /> {t.toTasks}
      </Button>
      <Button variant="default" onClick={() => setChoosing(true)}>
        <Icon name="settings" /> <span className="button-word">{t.stores}</span>
      </Button>
    </>
  );
  return (
    <Page title={en.screens.sessions} lead={t.lead} actions={actions}>
      {choosing && (
        <SessionStores
          onClose={() => {
            setChoosing(false);
            list.again();
          }}
        />
      )}
      <Notices list={list} />
      <div className="split">
        <div className="stack">
          <Filters filter={filter} onFilter={setFilter} />
          <List list={list} current={item} isFiltered={filter !== noFilter} />
        </div>
        {item === null ? (
          list.sessions.length > 0 && <Empty icon="tasks">{t.choose}</Empty>
        ) : (
          <Opened key={item}>
            <SessionPage
              id={item}
              listed={list.sessions.find(({ id }) => id === item) ?? null}
              onChanged={list.again}
            />
          </Opened>
        )}
      </div>
    </Page>
  );
}

function Filters(props: { filter: SessionFilter; onFilter(filter: SessionFilter): void }) {
  const { filter, onFilter } = props;
  const agents = useHostState((state) => state.agents);
  const folders = useHostState((state) => state.workspaces);
  const known = [...new Set([...Object.keys(agents), 'codex', 'claude', 'gemini', 'opencode'])];
  return (
    <div className="stack" role="group" aria-label={t.filters}>
      <SegmentedControl
        aria-label={t.show}
        value={filter.which}
        onChange={(value) => onFilter({ ...filter, which: WHICH.find((one) => one === value) ?? 'kept' })}
        data={WHICH.map((value) => ({ value, label: t.which[value] }))}
      />
      <div className="columns">
        <NativeSelect
          aria-label={t.agent}
          value={filter.agent}
          onChange={(event) => onFilter({ ...filter, agent: event.currentTarget.value })}
          data={[{ value: '', label: t.anyAgent }, ...known]}
        />
        <NativeSelect
          aria-label={t.folder}
          value={filter.workspaceId}
          onChange={(event) => onFilter({ ...filter, workspaceId: event.currentTarget.value })}
          data={[
            { value: '', label: t.anyFolder },
            ...Object.values(folders).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </div>
    </div>
  );
}

function List(props: { list: SessionList; current: string | null; isFiltered: boolean }) {
  const { list, current, isFiltered } = props;
  const online = useOnline();
  if (list.state === 'failed' && list.error)
    return <Failure error={list.error} {...(online && { onRetry: list.again })} />;
  if (list.state === 'loading') return <Loading />;
  if (list.sessions.length === 0) return <Empty icon="tasks">{isFiltered ? t.noMatch : t.empty}</Empty>;
  return (
    <Card title={t.list} flush>
      <ul className="lines lines-tall" aria-label={t.list}>
        {list.sessions.map((session) => (
          <Line key={session.id} session={session} isCurrent={session.id === current} />
        ))}
      </ul>
      {list.hasMore && (
        <Button variant="subtle" fullWidth onClick={list.more}>
          {t.more}
        </Button>
      )}
    </Card>
  );
}

function Line({ session, isCurrent }: { session: Session; isCurrent: boolean }) {
  const now = useNow();
  const agent = session.origin === 'agent' ? t.ownOf(session.agent) : session.agent;
  return (
    <li>
      <a href={hrefOf('sessions', session.id)} aria-current={isCurrent ? 'true' : undefined}>
        <span className="line-top">
          <StateMark mark={sessionMark(session.state)} />
          <span className="muted">
            {agent} · {when(session.lastActiveAt, now)}
          </span>
        </span>
        <span className="line-title">
          <SafeText text={session.title === '' ? t.untitled : session.title} />
        </span>
      </a>
    </li>
  );
}

function Notices({ list }: { list: SessionList }) {
  if (list.notices.length === 0) return null;
  return (
    <ul className="plain-list" aria-label={t.notices}>
      {list.notices.map((notice) => (
        <li key={`${notice.store} ${notice.code}`} className="card-note" data-tone="warning">
          <SafeText text={notice.message} />
        </li>
      ))}
    </ul>
  );
}
