import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from 'zustand';
import { appearanceStore } from '../shell/appearance.ts';

export interface ChartSeries {
  readonly key: string;
  /** A custom property of the theme. */
  readonly colour: string;
  /** Lines are told apart without their colour too. */
  readonly dash: readonly number[];
}

interface Shape {
  readonly series: readonly ChartSeries[];
  /** The top of the upright axis is at least this. */
  readonly least: number;
  /** Steps between the numbers of the upright axis. */
  readonly steps?: readonly number[];
  readonly format?: (value: number) => string;
  readonly height?: number;
}

/** Lines over time. What it shows must stand beside it as text; to a screen reader it is one picture with a name. */
export function LineChart({ label, data, ...shape }: Shape & { label: string; data: uPlot.AlignedData }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  const shown = useRef(shape);
  const appearance = useStore(appearanceStore);
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  }, [data]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(options(element, shown.current), latest.current, element);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: made.height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [appearance]);
  return <div ref={box} role="img" aria-label={label} />;
}

function options(element: HTMLElement, { series, least, steps, format, height = 148 }: Shape): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--sb-text-muted'),
    font: `12px ${style.getPropertyValue('--sb-font')}`,
    grid: { stroke: colour('--sb-border'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(least, max)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, values: (_plot, ticks) => ticks.map(timeOfDay) },
      {
        ...axis,
        size: format ? 68 : 32,
        ...(steps && { incrs: [...steps] }),
        ...(format && { values: (_plot, ticks) => ticks.map(format) }),
      },
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

function timeOfDay(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
