import { useState } from 'react';
import type { Agent, AgentCheck } from '../../../contract/agents.ts';
import { useHost, usePending } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { ActionButton, Card, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';

const t = en.agents;

/** Starts the agent when it is asked to, and shows what it answered. */
export function AgentCheckCard({ agent }: { agent: Agent }) {
  const { actions } = useHost();
  const [answer, setAnswer] = useState<AgentCheck | null>(null);
  const key = `agent.check.${agent.name}`;
  const pending = usePending(key);
  const check = async () => {
    const result = await actions.run(
      key,
      'agents.check',
      { name: agent.name, session: true },
      { what: t.checkName(agent.name) },
    );
    if (result) setAnswer(result.ok ? result.value : null);
  };
  return (
    <Card
      title={t.checked.title}
      actions={
        <ActionButton
          action={key}
          label={t.checkName(agent.name)}
          disabled={agent.state !== 'available'}
          onClick={() => void check()}
        >
          {t.check}
        </ActionButton>
      }
    >
      {pending && <p role="status">{t.checking}</p>}
      {!pending && answer === null && <p className="muted">{t.checkHint}</p>}
      {!pending && answer !== null && <Answered answer={answer} />}
    </Card>
  );
}

function Answered({ answer }: { answer: AgentCheck }) {
  const names = answer.authMethods.map(({ id, name }) => (name === '' ? id : name));
  const session = t.checked.results[answer.session];
  return (
    <Facts
      rows={[
        [t.checked.protocol, t.checked.acp(answer.protocolVersion)],
        [
          t.checked.saysItIs,
          <SafeText
            key="agent"
            text={answer.agent ? `${answer.agent.name} ${answer.agent.version}` : t.checked.nothing}
          />,
        ],
        [t.checked.sessions, kinds(answer.sessions)],
        [t.checked.prompts, kinds({ text: true, ...answer.prompt })],
        [t.checked.mcp, kinds({ stdio: true, ...answer.mcp })],
        [t.checked.logins, <SafeText key="logins" text={names.join(', ') || t.checked.none} />],
        [
          t.checked.session,
          <SafeText key="session" text={answer.problem === '' ? session : `${session}: ${answer.problem}`} />,
        ],
        [t.checked.time, t.checked.milliseconds(answer.answeredAfterMs)],
      ]}
    />
  );
}

const kinds = (has: Readonly<Record<string, boolean>>): string =>
  Object.keys(has)
    .filter((kind) => has[kind])
    .join(', ') || t.checked.none;
