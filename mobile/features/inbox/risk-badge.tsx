import type { Tone } from '../../../contract/design/tokens.ts';
import type { Risk } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import type { IconName } from '../../ui/icon.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

const look: Readonly<Record<Risk, { icon: IconName; tone: Tone }>> = {
  low: { icon: 'check', tone: 'neutral' },
  medium: { icon: 'question', tone: 'info' },
  high: { icon: 'alert', tone: 'warning' },
  critical: { icon: 'alert', tone: 'danger' },
};

export function RiskBadge({ risk }: { risk: Risk }) {
  return <StatusBadge icon={look[risk].icon} word={t.risk[risk]} tone={look[risk].tone} />;
}
