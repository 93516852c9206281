import type { Tone } from '../../../contract/design/tokens.ts';
import type { SessionStatus } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import type { IconName } from '../../ui/icon.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

const look: Readonly<Record<SessionStatus, { icon: IconName; tone: Tone }>> = {
  waiting: { icon: 'question', tone: 'warning' },
  working: { icon: 'play', tone: 'info' },
  done: { icon: 'check', tone: 'ok' },
  failed: { icon: 'alert', tone: 'danger' },
  interrupted: { icon: 'alert', tone: 'warning' },
  stopped: { icon: 'stop', tone: 'neutral' },
};

export function SessionBadge({ status }: { status: SessionStatus }) {
  return <StatusBadge icon={look[status].icon} word={t.agents.status[status]} tone={look[status].tone} />;
}
