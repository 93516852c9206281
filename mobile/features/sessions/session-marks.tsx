import type { SessionView } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';

export function OriginBadge({ origin }: Pick<SessionView, 'origin'>) {
  const icon = origin === 'task' ? 'host' : 'agents';
  return <StatusBadge icon={icon} tone="neutral" word={t.agents.origin[origin]} />;
}

export function SessionStateBadge({ state }: Pick<SessionView, 'state'>) {
  const isOpen = state === 'open';
  return (
    <StatusBadge
      icon={isOpen ? 'play' : 'stop'}
      tone={isOpen ? 'info' : 'neutral'}
      word={t.session.state[state]}
    />
  );
}
