import type { Agent } from '../../../contract/agents.ts';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Argv, Card, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { AgentCheckCard } from './agent-check.tsx';
import { AgentDeeds } from './agent-deeds.tsx';
import { agentMark, loginMark, servedAt } from './agent-marks.ts';
import { McpSwitch } from './mcp-switch.tsx';

const t = en.agents;

/** One agent: what it is, what it is given, and what can be done about it. */
export function AgentView({ agent }: { agent: Agent }) {
  const served = useHostState((state) => state.remote.agents);
  const path = servedAt(agent.name, served);
  return (
    <div className="stack">
      <Card
        title={<SafeText text={agent.title === '' ? agent.name : agent.title} />}
        actions={<StateMark mark={agentMark(agent)} filled />}
      >
        <Facts
          rows={[
            [t.name, <code key="name">{agent.name}</code>],
            [t.source, t.sources[agent.source]],
            [t.version, agent.version ?? <span className="muted">{t.noVersion}</span>],
            [t.login, <Login key="login" agent={agent} />],
            [t.key, agent.keyVariable === null ? t.keyNone : t.keyKept(agent.keyVariable)],
            [t.environment, <Environment key="environment" agent={agent} />],
            [t.served, path === null ? t.notServed : <ServedAt key="path" path={path} />],
          ]}
        />
        <div className="stack">
          <h3>{t.command}</h3>
          <Argv argv={agent.argv} />
        </div>
        <McpSwitch agent={agent} />
        <AgentDeeds agent={agent} />
      </Card>
      <AgentCheckCard agent={agent} />
    </div>
  );
}

function Login({ agent }: { agent: Agent }) {
  return (
    <>
      <StateMark mark={loginMark(agent)} />{' '}
      {agent.source !== 'built-in' && agent.loginNote !== '' && (
        <span className="muted">
          <SafeText text={t.loginNote(agent.loginNote)} />
        </span>
      )}
    </>
  );
}

function Environment({ agent }: { agent: Agent }) {
  if (agent.envNames.length === 0) {
    return <span className="muted">{t.environmentNone}</span>;
  }
  return (
    <ul className="plain-list">
      {agent.envNames.map((name) => (
        <li key={name}>
          <code>
            <SafeText text={name} />
          </code>{' '}
          {agent.inherits.includes(name) && <span className="muted">{t.fromHost}</span>}
        </li>
      ))}
    </ul>
  );
}

function ServedAt({ path }: { path: string }) {
  return (
    <>
      {t.servedAt} <code>{path}</code>
    </>
  );
}
