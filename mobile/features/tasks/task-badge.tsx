import type { Tone } from '../../../contract/design/tokens.ts';
import type { TaskStatus } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import type { IconName } from '../../ui/icon.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

const look: Readonly<Record<TaskStatus, { icon: IconName; tone: Tone }>> = {
  queued: { icon: 'clock', tone: 'neutral' },
  waiting: { icon: 'question', tone: 'warning' },
  working: { icon: 'play', tone: 'info' },
  done: { icon: 'check', tone: 'ok' },
  failed: { icon: 'alert', tone: 'danger' },
  interrupted: { icon: 'alert', tone: 'warning' },
  stopped: { icon: 'stop', tone: 'neutral' },
};

/** `position`: the place of a task that waits, 1 is next. */
export function TaskBadge({ status, position = null }: { status: TaskStatus; position?: number | null }) {
  const word = position === null ? t.agents.status[status] : t.tasks.place(position);
  return <StatusBadge icon={look[status].icon} word={word} tone={look[status].tone} />;
}
