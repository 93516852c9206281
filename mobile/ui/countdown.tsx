import { t } from '../texts/t.ts';
import { clock } from '../texts/time.ts';
import { StatusBadge } from './status-badge.tsx';
import { useNow } from './use-now.ts';

/** The time left until `until` (milliseconds since 1970). Urgent in its last 30 seconds. */
export function Countdown({ until }: { until: number }) {
  const left = until - useNow(1000);
  if (left <= 0) return <StatusBadge icon="cross" word={t.time.expired} tone="danger" />;
  return (
    <StatusBadge icon="clock" word={t.time.left(clock(left))} tone={left <= 30_000 ? 'warning' : 'neutral'} />
  );
}
