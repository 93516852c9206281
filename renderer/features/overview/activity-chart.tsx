import { useMemo } from 'react';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { LineChart } from '../../ui/line-chart.tsx';
import { useNow } from '../../ui/use-now.ts';
import { activityOf, callsMayBeMissing } from './activity.ts';

const series = [
  { key: 'calls', colour: '--sb-accent', dash: [] },
  { key: 'tasks', colour: '--sb-ok', dash: [6, 3] },
  { key: 'approvals', colour: '--sb-warning', dash: [2, 3] },
] as const;

/** Counts over time; the numbers stand beside it as text, and each line has a dash of its own. */
export function ActivityChart({ spanMs, buckets }: { spanMs: number; buckets: number }) {
  const bridge = useHostState((state) => state.bridge);
  const tasks = useHostState((state) => state.tasks);
  const approvals = useHostState((state) => state.approvals);
  const step = Math.floor(useNow() / 30_000) * 30_000;
  const activity = useMemo(
    () => activityOf({ bridge, tasks, approvals }, step + 30_000, spanMs, buckets),
    [bridge, tasks, approvals, step, spanMs, buckets],
  );
  const total = (counts: readonly number[]) => counts.reduce((sum, n) => sum + n, 0);
  return (
    <div className="chart">
      <ul className="chart-legend">
        {series.map(({ key }) => (
          <li key={key} data-series={key}>
            <svg width="24" height="8" aria-hidden="true">
              <line x1="0" y1="4" x2="24" y2="4" />
            </svg>
            {en.overview.series[key](total(activity[key]))}
          </li>
        ))}
        {callsMayBeMissing({ bridge }, step, spanMs) && <li className="muted">{en.overview.newestOnly}</li>}
      </ul>
      <LineChart
        label={en.overview.chartLabel}
        data={[activity.at, activity.calls, activity.tasks, activity.approvals]}
        series={series}
        least={4}
        steps={[1, 2, 5, 10, 20, 50, 100]}
      />
    </div>
  );
}
