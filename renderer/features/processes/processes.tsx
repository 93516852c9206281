import { lazy, Suspense, useState } from 'react';
import type { ProcessFigures } from '../../../contract/figures.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo, hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { duration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { isLive, processMark } from '../../ui/marks.ts';
import { Opened } from '../../ui/opened.tsx';
import { ActionButton, Empty, Loading, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { FigureCell, FigureCharts } from './figures.tsx';
import { HostParts } from './host-parts.tsx';
import { LogView } from '../logs/log-view.tsx';
import { EditProcess } from './edit-process.tsx';
import { NewProcess } from './new-process.tsx';
import { AddressNote, ProcessAddress } from './process-address.tsx';
import { ProjectFile } from './project-file.tsx';
import { TableCard } from '../../ui/table-card.tsx';
import { useFigures, type Figures } from './use-figures.ts';

const t = en.processes;
/** The terminal is a library of its own: it comes when one is opened. */
const TerminalView = lazy(() => import('./terminal/terminal-view.tsx'));

export default function Processes({ item }: { item: string | null }) {
  const processes = useHostState((state) => state.processes);
  const { actions } = useHost();
  const all = Object.values(processes).sort((a, b) => (a.name < b.name ? -1 : 1));
  const open = item === null ? undefined : processes[item];
  const isGone = item !== null && !item.startsWith('_') && open === undefined;
  const figures = useFigures();
  /** A line that was found in another log. */
  const [line, setLine] = useState<{ name: string; number: number } | null>(null);
  const buttons = (
    <>
      <ActionButton
        action="process.stop-all"
        disabled={!all.some(isLive)}
        onClick={() =>
          void actions.run(
            'process.stop-all',
            'supervisor.stopAll',
            {},
            { what: t.stopAll, done: t.allStopped },
          )
        }
      >
        {t.stopAll}
      </ActionButton>
      <ActionButton action="process.form" onClick={() => goTo('processes', '_project')}>
        {en.projectFile.open}
      </ActionButton>
      <ActionButton action="process.form" variant="filled" onClick={() => goTo('processes', '_new')}>
        <Icon name="plus" /> <span className="button-word">{t.create}</span>
      </ActionButton>
    </>
  );
  return (
    <Page title={en.screens.processes} lead={t.lead} actions={buttons}>
      {item === '_new' && <NewProcess onClose={() => goTo('processes')} />}
      {item === '_project' && <ProjectFile onClose={() => goTo('processes')} />}
      {isGone && <Empty icon="processes">{t.gone(item)}</Empty>}
      {all.length === 0 ? (
        <Empty
          icon="processes"
          action={
            <ActionButton action="process.form" onClick={() => goTo('processes', '_new')}>
              {t.create}
            </ActionButton>
          }
        >
          {t.empty}
        </Empty>
      ) : (
        <ProcessTable processes={all} open={open?.name ?? null} figures={figures} />
      )}
      {open && (
        <Opened key={open.name}>
          <EditProcess process={open} />
          <ProcessAddress process={open} />
          {isLive(open) && <FigureCharts name={open.name} figures={figures} />}
          {open.definition.pty && (
            <Suspense fallback={<Loading />}>
              <TerminalView process={open} />
            </Suspense>
          )}
          <LogView
            key={line?.name === open.name ? line.number : 'newest'}
            name={open.name}
            line={line?.name === open.name ? line.number : null}
            onOpen={(name, number) => {
              setLine({ name, number });
              goTo('processes', name);
            }}
          />
        </Opened>
      )}
      <HostParts figures={figures} />
    </Page>
  );
}

function ProcessTable({
  processes,
  open,
  figures,
}: {
  processes: readonly ManagedProcess[];
  open: string | null;
  figures: Figures;
}) {
  const now = useNow();
  const of = (name: string) => (figures.state === 'known' ? figures.of.get(name) : undefined);
  return (
    <TableCard columns={[t.state, t.name, t.cpu, t.memory, t.uptime, t.port]}>
      {processes.map((process) => (
        <tr key={process.name} aria-selected={process.name === open}>
          <td>
            <StateMark mark={processMark(process.state)} />
            <Reason process={process} now={now} />
          </td>
          <td className="cell-wide">
            <a href={hrefOf('processes', process.name)}>{process.name}</a>
            <p className="cell-line">
              <code>
                <SafeText text={process.definition.argv.join(' ')} />
              </code>
            </p>
            <p className="muted">
              {process.isolation === 'sandbox' ? t.sandboxed : t.notSandboxed}
              {'pid' in process && ` · ${t.pid(process.pid)}`}
            </p>
          </td>
          <td className="numeric">
            <FigureCell figures={of(process.name)} kind="cpu" />
          </td>
          <td className="numeric">
            <FigureCell figures={of(process.name)} kind="memory" />
          </td>
          <td className="numeric">
            {'startedAt' in process ? duration(now - Date.parse(process.startedAt)) : '–'}
            {process.restarts > 0 && <p className="muted cell-whole">{t.restarts(process.restarts)}</p>}
          </td>
          <td className="numeric">
            {portsOf(process, of(process.name))}
            <AddressNote process={process} />
          </td>
          <td className="cell-actions">
            <ProcessButtons process={process} />
          </td>
        </tr>
      ))}
    </TableCard>
  );
}

/** Where it listens as far as that can be seen, else what its definition says. */
function portsOf(process: ManagedProcess, figures: ProcessFigures | undefined): string {
  if (figures && figures.ports.length > 0) return figures.ports.join(', ');
  return process.definition.port === null ? '–' : String(process.definition.port);
}

function Reason({ process, now }: { process: ManagedProcess; now: number }) {
  const text =
    'reason' in process
      ? process.reason
      : process.state === 'backing-off'
        ? t.retryIn(duration(Math.max(0, Date.parse(process.retryAt) - now)))
        : process.state === 'exited'
          ? t.exit(process.exitCode, process.signal)
          : '';
  return text === '' ? null : (
    <p className="muted">
      <SafeText text={text} />
    </p>
  );
}

function ProcessButtons({ process }: { process: ManagedProcess }) {
  const { actions } = useHost();
  const [removing, setRemoving] = useState(false);
  const key = `process.${process.name}`;
  const verb = (name: 'start' | 'stop' | 'restart') => (
    <ActionButton
      action={key}
      label={`${t.verbs[name]} ${process.name}`}
      onClick={() =>
        void actions.run(
          key,
          `supervisor.${name}`,
          { name: process.name },
          { what: `${t.verbs[name]} ${process.name}` },
        )
      }
    >
      {t.verbs[name]}
    </ActionButton>
  );
  return (
    <div className="buttons">
      {isLive(process) ? (
        <>
          {verb('restart')}
          {verb('stop')}
        </>
      ) : (
        <>
          {verb('start')}
          <ActionButton action={key} label={`${t.remove} ${process.name}`} onClick={() => setRemoving(true)}>
            {t.remove}
          </ActionButton>
        </>
      )}
      {removing && (
        <Confirm
          title={t.removeTitle(process.name)}
          action={t.remove}
          danger
          onClose={() => setRemoving(false)}
          onConfirm={() =>
            void actions.run(
              key,
              'supervisor.remove',
              { name: process.name },
              { what: t.remove, done: t.removed(process.name) },
            )
          }
        >
          <p>{t.removeMeans}</p>
        </Confirm>
      )}
    </div>
  );
}
