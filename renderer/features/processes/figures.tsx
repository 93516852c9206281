import { useMemo } from 'react';
import type { ProcessFigures } from '../../../contract/figures.ts';
import { en } from '../../texts/en.ts';
import { bytes } from '../../ui/format.ts';
import { LineChart } from '../../ui/line-chart.tsx';
import { cpuText } from './cpu-text.ts';
import type { Figures } from './use-figures.ts';

const t = en.processes;
const WIDTH = 40;
const HEIGHT = 16;
const SHOWN = 40;
/** Round numbers of MiB and GiB. */
const MEMORY_STEPS = Array.from({ length: 20 }, (_, power) => 1_048_576 * 2 ** power);
const processors = [{ key: 'cpu', colour: '--sb-accent', dash: [] }] as const;
const memory = [{ key: 'memory', colour: '--sb-ok', dash: [] }] as const;

/** The latest figure of one kind with its course beside it. */
export function FigureCell({
  figures,
  kind,
}: {
  figures: Pick<ProcessFigures, 'samples'> | undefined;
  kind: 'cpu' | 'memory';
}) {
  const last = figures?.samples.at(-1);
  if (!figures || !last) return <>–</>;
  const values = figures.samples.slice(-SHOWN).map((sample) => sample[kind] ?? 0);
  const text = kind === 'cpu' ? cpuText(last.cpu) : bytes(last.memory);
  return (
    <span className="figure">
      <Sparkline values={values} least={kind === 'cpu' ? 1 : 1_048_576} />
      {text}
    </span>
  );
}

function Sparkline({ values, least }: { values: readonly number[]; least: number }) {
  const top = Math.max(least, ...values);
  const step = WIDTH / (SHOWN - 1);
  const start = WIDTH - step * (values.length - 1);
  const points = values.map(
    (value, index) =>
      `${(start + index * step).toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)}`,
  );
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}

/** Processors and memory of one process with all that it started, over the last minutes. */
export function FigureCharts({ name, figures }: { name: string; figures: Figures }) {
  const own = figures.state === 'known' ? figures.of.get(name) : undefined;
  const data = useMemo(() => {
    const samples = own?.samples ?? [];
    return {
      at: samples.map(({ at }) => Date.parse(at) / 1000),
      cpu: samples.map(({ cpu }) => cpu),
      memory: samples.map((sample) => sample.memory),
    };
  }, [own]);
  if (figures.state === 'unsupported') return <p className="muted">{t.noFigures}</p>;
  if (!own || own.samples.length < 2) return null;
  const last = own.samples.at(-1);
  return (
    <section className="columns figure-charts" aria-label={t.figuresOf(name)}>
      <div className="chart">
        <p>
          {t.cpuNow(cpuText(last?.cpu ?? null))}
          <span className="muted"> {t.madeOf(own.processes)}</span>
        </p>
        <LineChart
          label={t.cpuChart(name)}
          data={[data.at, data.cpu]}
          series={processors}
          least={1}
          format={(value) => cpuText(value)}
          height={112}
        />
      </div>
      <div className="chart">
        <p>
          {t.memoryNow(bytes(last?.memory ?? 0))}
          {own.ports.length > 0 && <span className="muted"> {t.listensOn(own.ports)}</span>}
        </p>
        <LineChart
          label={t.memoryChart(name)}
          data={[data.at, data.memory]}
          series={memory}
          least={10 * 1_048_576}
          format={bytes}
          steps={MEMORY_STEPS}
          height={112}
        />
      </div>
    </section>
  );
}
