import { useEffect, useState } from 'react';
import type { ActionRun, PredefinedAction } from '../../../contract/predefined.ts';
import { useHost, useOnline } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { duration } from '../../ui/format.ts';
import { ActionButton, Argv, Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Printed } from './printed.tsx';
import { followRun, isGoingOn, type RunView } from './run-output.ts';

const t = en.tasks;

/** One command of the configuration file: run it, see what it prints as it comes, stop it. @param last its newest run */
export function PredefinedActionCard({ action, last }: { action: PredefinedAction; last: ActionRun | null }) {
  const { actions } = useHost();
  const key = `task.action.${action.name}`;
  const [started, setStarted] = useState<ActionRun | null>(null);
  const run = started ?? last;
  const view = useRun(run);
  const newest = view?.run ?? run;
  async function start(): Promise<void> {
    const what = `${t.run} ${action.name}`;
    const result = await actions.run(key, 'tasks.startAction', { name: action.name }, { what });
    if (result?.ok) setStarted(result.value);
  }
  const stop = (runId: ActionRun['id']) =>
    actions.run(key, 'tasks.stopAction', { runId }, { what: `${t.stop} ${action.name}` });
  return (
    <section className="predefined" aria-label={action.name}>
      <div className="timeline-bar">
        <strong>{action.name}</strong>
        <span className="muted">{t.risks[action.risk]}</span>
        {newest && isGoingOn(newest) ? (
          <ActionButton
            action={key}
            color="danger"
            label={`${t.stop} ${action.name}`}
            onClick={() => void stop(newest.id)}
          >
            {t.stop}
          </ActionButton>
        ) : (
          <ActionButton action={key} label={`${t.run} ${action.name}`} onClick={() => void start()}>
            {t.run}
          </ActionButton>
        )}
      </div>
      <Argv argv={action.argv} />
      {view && <Run view={view} />}
    </section>
  );
}

/** The run as it is now, with what it has printed so far; null before the first answer. */
function useRun(run: ActionRun | null): RunView | null {
  const { client } = useHost();
  const online = useOnline();
  const [view, setView] = useState<RunView | null>(null);
  const id = run?.id;
  useEffect(() => {
    if (!online || !run) return;
    return followRun(run, {
      client,
      changed: setView,
      pause: () => new Promise((resolve) => window.requestAnimationFrame(() => resolve())),
    });
    // A run is followed from its beginning; what was known of it then does not matter.
  }, [client, online, id]);
  return view && view.run.id === id ? view : null;
}

function Run({ view: { run, pieces, error } }: { view: RunView }) {
  const online = useOnline();
  return (
    <>
      <p role="status">
        <State run={run} />
      </p>
      {error && online && <Failure error={error} />}
      {(run.state === 'ended' || pieces.length > 0) && <Printed of={run.name} pieces={pieces} />}
    </>
  );
}

function State({ run }: { run: ActionRun }) {
  if (run.state === 'waiting')
    return (
      <>
        {t.actionWaits} <a href={hrefOf('approvals')}>{t.toApprovals}</a>
      </>
    );
  if (run.state === 'running') return <Running since={run.startedAt} />;
  if (run.state === 'refused') return <SafeText text={t.notRun(run.reason)} />;
  if (run.timedOut) return t.timedOut;
  const how = t.ranWith(run.exitCode, run.signal, (run.durationMs / 1000).toFixed(1));
  return run.stopped ? `${t.wasStopped} ${how}` : how;
}

function Running({ since }: { since: string }) {
  const now = useNow();
  return t.running(duration(Math.max(0, now - Date.parse(since))));
}
