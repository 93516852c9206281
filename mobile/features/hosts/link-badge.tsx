import type { Tone } from '../../../contract/design/tokens.ts';
import type { LinkState } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import type { IconName } from '../../ui/icon.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

const look: Readonly<Record<LinkState['kind'], { icon: IconName; tone: Tone }>> = {
  online: { icon: 'check', tone: 'ok' },
  connecting: { icon: 'spinner', tone: 'info' },
  offline: { icon: 'offline', tone: 'warning' },
  'locked-down': { icon: 'shield', tone: 'warning' },
  refused: { icon: 'cross', tone: 'danger' },
  renewal: { icon: 'clock', tone: 'warning' },
  'renewal-over': { icon: 'cross', tone: 'warning' },
  'rolled-back': { icon: 'alert', tone: 'danger' },
  downgraded: { icon: 'alert', tone: 'danger' },
  outdated: { icon: 'alert', tone: 'warning' },
};

/** How a host can be reached, as an icon and a word. */
export function LinkBadge({ link: { kind } }: { link: LinkState }) {
  return <StatusBadge icon={look[kind].icon} word={t.link[kind]} tone={look[kind].tone} />;
}
