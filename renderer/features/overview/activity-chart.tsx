import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from 'zustand';
import { useHostState } from '../../host/use-host.tsx';
import { appearanceStore } from '../../shell/appearance.ts';
import { en } from '../../texts/en.ts';
import { useNow } from '../../ui/use-now.ts';
import { activityOf, callsMayBeMissing } from './activity.ts';

const HEIGHT = 148;
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
      <Plot data={[activity.at, activity.calls, activity.tasks, activity.approvals]} />
    </div>
  );
}

function Plot({ data }: { data: uPlot.AlignedData }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  const appearance = useStore(appearanceStore);
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  }, [data]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(options(element), latest.current, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [appearance]);
  return <div ref={box} role="img" aria-label={en.overview.chartLabel} />;
}

function options(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--sb-text-muted'),
    font: `12px ${style.getPropertyValue('--sb-font')}`,
    grid: { stroke: colour('--sb-border'), width: 1 },
    ticks: { show: false },
  };
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = (seconds: number) => {
    const date = new Date(seconds * 1000);
    return `${two(date.getHours())}:${two(date.getMinutes())}`;
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, max)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, values: (_plot, ticks) => ticks.map(clock) },
      { ...axis, size: 32, incrs: [1, 2, 5, 10, 20, 50, 100] },
    ],
    series: [
      {},
      ...series.map(({ key, colour: name, dash }) => ({
        label: key,
        stroke: colour(name),
        width: 2,
        dash: [...dash],
        points: { show: false },
      })),
    ],
  };
}
