import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Agent } from '../../../contract/agents.ts';
import { useHostState, useQuery } from '../../host/use-host.tsx';
import { goTo, hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { Opened } from '../../ui/opened.tsx';
import { ActionButton, Card, Empty, Failure, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { AddAgent } from './add-agent.tsx';
import { agentMark, inOrder, loginMark } from './agent-marks.ts';
import { AgentView } from './agent-view.tsx';

const t = en.agents;

export default function Agents({ item }: { item: string | null }) {
  const agents = useHostState((state) => state.agents);
  const chosen = item === null ? undefined : agents[item];
  const create = (
    <>
      <Button variant="default" component="a" href={hrefOf('tasks')}>
        <Icon name="tasks" /> {t.toTasks}
      </Button>
      <ActionButton action="agent.form" variant="filled" onClick={() => goTo('agents', '_add')}>
        <Icon name="plus" /> <span className="button-word">{t.add}</span>
      </ActionButton>
    </>
  );
  return (
    <Page title={en.screens.agents} lead={t.lead} actions={create}>
      {item === '_add' && <AddAgent onClose={() => goTo('agents')} />}
      <AskVersions />
      {Object.keys(agents).length === 0 ? (
        <Empty
          icon="agents"
          action={
            <ActionButton action="agent.form" onClick={() => goTo('agents', '_add')}>
              {t.add}
            </ActionButton>
          }
        >
          {t.empty}
        </Empty>
      ) : (
        <div className="split">
          <AgentList agents={inOrder(agents)} current={chosen?.name ?? null} />
          {chosen ? (
            <Opened key={chosen.name}>
              <AgentView agent={chosen} />
            </Opened>
          ) : (
            <Empty icon="agents">{item === null || item === '_add' ? t.choose : t.gone(item)}</Empty>
          )}
        </div>
      )}
    </Page>
  );
}

function AgentList({ agents, current }: { agents: readonly Agent[]; current: string | null }) {
  return (
    <Card title={`${t.list} · ${agents.length}`} flush>
      <ul className="lines lines-tall" aria-label={t.list}>
        {agents.map((agent) => (
          <li key={agent.name}>
            <a href={hrefOf('agents', agent.name)} aria-current={agent.name === current ? 'true' : undefined}>
              <span className="line-top">
                <span className="line-title">
                  <SafeText text={agent.title === '' ? agent.name : agent.title} />
                </span>
                <span className="muted numeric">{agent.version ?? ''}</span>
              </span>
              <span className="line-top">
                <StateMark mark={agentMark(agent)} />
                <StateMark mark={loginMark(agent)} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Has the programs asked whose package does not say a version; what they answer comes with the state. */
function AskVersions() {
  const [version, setVersion] = useState(0);
  const query = useQuery('agents.list', { versions: true }, version);
  if (query.state !== 'failed') return null;
  const error = { ...query.error, message: `${t.unasked} ${query.error.message}` };
  return <Failure error={error} onRetry={() => setVersion((was) => was + 1)} />;
}
