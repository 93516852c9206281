import type { AgentView } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

/** Its version and whether it is logged in, in one line. */
export function agentFacts({ login, version }: AgentView): string {
  const facts = version === null ? [] : [t.agents.version(visible(version))];
  return [...facts, t.agents.login[login]].join(' · ');
}

export function AgentBadge({ agent }: { agent: AgentView }) {
  return agent.state === 'available' ? (
    <StatusBadge icon="check" tone="ok" word={t.agents.states.available} />
  ) : (
    <StatusBadge icon="alert" tone="warning" word={t.agents.states[agent.state]} />
  );
}
