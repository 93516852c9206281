import { Button } from '@mantine/core';
import { useId, useState, type ReactNode } from 'react';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { duration } from '../../ui/format.ts';
import { Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { TableCard } from '../../ui/table-card.tsx';
import { useNow } from '../../ui/use-now.ts';
import { FigureCell } from './figures.tsx';
import { endedRows, hostRows, type HostRow, type PartsKnown } from './host-rows.ts';
import { PartOutput } from './part-output.tsx';
import type { Figures } from './use-figures.ts';

const t = en.hostParts;
const COLUMNS = Object.values(t.columns);
/** What has ended uses nothing. */
const ENDED_COLUMNS = [t.columns.state, t.columns.what];
const nothing: PartsKnown = { parts: [], ended: [] };

/** What the host runs beside the managed processes, and what of it has ended lately. */
export function HostParts({ figures }: { figures: Figures }) {
  const facts = {
    host: useHostState((state) => state.host),
    listeners: useHostState((state) => state.listeners),
    bridge: useHostState((state) => state.bridge),
    tokens: useHostState((state) => state.tokens),
    remote: useHostState((state) => state.remote),
    tunnel: useHostState((state) => state.tunnel),
  };
  const now = useNow();
  const title = useId();
  const known = 'parts' in figures ? figures : nothing;
  const over = endedRows(known, now);
  return (
    <section className="stack" aria-labelledby={title}>
      <header>
        <h2 id={title}>{t.title}</h2>
        <p className="muted">{t.lead}</p>
      </header>
      {figures.state === 'failed' && <Failure error={figures.error} />}
      {figures.state === 'unsupported' && <p className="muted">{en.processes.noFigures}</p>}
      <Rows rows={hostRows(facts, known, now)} now={now} />
      {over.length > 0 && (
        <details>
          <summary>{t.ended(over.length)}</summary>
          <Rows rows={over} now={now} over />
        </details>
      )}
    </section>
  );
}

function Rows({ rows, now, over = false }: { rows: readonly HostRow[]; now: number; over?: boolean }) {
  const columns = over ? ENDED_COLUMNS : COLUMNS;
  return (
    <TableCard columns={columns}>
      {rows.map((row) => (
        <PartRow key={row.key} row={row} width={columns.length + 1} tight={over}>
          {!over && <Uses row={row} now={now} />}
        </PartRow>
      ))}
    </TableCard>
  );
}

function Uses({ row: { part, ports, startedAt }, now }: { row: HostRow; now: number }) {
  return (
    <>
      <td className="numeric">
        <FigureCell figures={part ?? undefined} kind="cpu" />
      </td>
      <td className="numeric">
        <FigureCell figures={part ?? undefined} kind="memory" />
      </td>
      <td className="numeric">
        {startedAt === null ? '–' : duration(Math.max(0, now - Date.parse(startedAt)))}
      </td>
      <td className="numeric">{ports.length > 0 ? ports.join(', ') : '–'}</td>
    </>
  );
}

/** `width`: how many columns its output spans; `tight`: its state takes no more room than it needs. */
function PartRow(props: { row: HostRow; width: number; tight: boolean; children: ReactNode }) {
  const { row, width, tight, children } = props;
  const [open, setOpen] = useState(false);
  const output = useId();
  const { outputId, title } = row;
  return (
    <>
      <tr>
        <td className={tight ? 'cell-tight' : undefined}>
          <StateMark mark={row.mark} />
        </td>
        <td className="cell-wide">
          {row.href === null ? <SafeText text={title} /> : <a href={row.href}>{title}</a>}
          {row.notes.map((note) => (
            <p className="muted" key={note}>
              <SafeText text={note} />
            </p>
          ))}
          {row.work && <a href={row.work.href}>{row.work.text}</a>}
        </td>
        {children}
        <td className="cell-actions">
          {outputId !== null && (
            <Button
              variant="default"
              aria-expanded={open}
              aria-controls={output}
              aria-label={t.outputOf(title)}
              onClick={() => setOpen(!open)}
            >
              {t.output}
            </Button>
          )}
        </td>
      </tr>
      {open && outputId !== null && (
        <tr id={output}>
          <td colSpan={width}>
            <PartOutput id={outputId} title={title} />
          </td>
        </tr>
      )}
    </>
  );
}
