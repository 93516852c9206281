import { useState } from 'react';
import type { OutputOf } from '../../../contract/commands.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { LogSource, PredefinedAction } from '../../../contract/tasks.ts';
import { useHost, usePending, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { bytes } from '../../ui/format.ts';
import { ActionButton, Answer, Argv, Empty, Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';

const t = en.tasks;

type Ran = OutputOf<'tasks.runAction'>;
type Read = OutputOf<'tasks.readLogSource'>;

/** The commands and logs that the configuration file names: run one, read one. */
export function Predefined({ onClose }: { onClose: () => void }) {
  const query = useQuery('tasks.actions', {});
  return (
    <Dialog title={t.predefined} onClose={onClose} wide>
      <p className="muted">{t.predefinedLead}</p>
      <Answer query={query}>
        {({ actions, logSources, unusable }) => (
          <div className="stack">
            {actions.length + logSources.length + unusable.length === 0 && (
              <Empty icon="tasks">{t.noPredefined}</Empty>
            )}
            {actions.length > 0 && <h3>{t.actionsTitle}</h3>}
            {actions.map((action) => (
              <Action key={action.name} action={action} />
            ))}
            {logSources.length > 0 && <h3>{t.logsTitle}</h3>}
            {logSources.map((source) => (
              <Log key={source.name} source={source} />
            ))}
            {unusable.map(({ name, reason }) => (
              <p key={name} className="card-note" data-tone="warning">
                <SafeText text={t.unusable(name, reason)} />
              </p>
            ))}
          </div>
        )}
      </Answer>
    </Dialog>
  );
}

function Action({ action }: { action: PredefinedAction }) {
  const { actions } = useHost();
  const key = `task.action.${action.name}`;
  const pending = usePending(key);
  const [ran, setRan] = useState<Ran | WireError | null>(null);
  async function run(): Promise<void> {
    setRan(null);
    const result = await actions.run(key, 'tasks.runAction', { name: action.name }, { what: t.run });
    if (result) setRan(result.ok ? result.value : result.error);
  }
  return (
    <section className="predefined" aria-label={action.name}>
      <div className="timeline-bar">
        <strong>{action.name}</strong>
        <span className="muted">{t.risks[action.risk]}</span>
        <ActionButton action={key} label={`${t.run} ${action.name}`} onClick={() => void run()}>
          {t.run}
        </ActionButton>
      </div>
      <Argv argv={action.argv} />
      {pending && <p role="status">{t.running}</p>}
      {ran && ('exitCode' in ran ? <Outcome ran={ran} /> : <Failure error={ran} />)}
    </section>
  );
}

function Outcome({ ran }: { ran: Ran }) {
  return (
    <div role="status">
      <p>
        {ran.timedOut ? t.timedOut : t.ranWith(ran.exitCode, ran.signal, (ran.durationMs / 1000).toFixed(1))}{' '}
        {ran.droppedBytes > 0 && t.droppedOutput(bytes(ran.droppedBytes))}
      </p>
      <Output text={ran.output} />
    </div>
  );
}

function Log({ source }: { source: LogSource }) {
  const { actions } = useHost();
  const key = `task.log.${source.name}`;
  const [read, setRead] = useState<Read | WireError | null>(null);
  async function look(): Promise<void> {
    const result = await actions.run(key, 'tasks.readLogSource', { name: source.name }, { what: t.read });
    if (result) setRead(result.ok ? result.value : result.error);
  }
  return (
    <section className="predefined" aria-label={source.name}>
      <div className="timeline-bar">
        <strong>{source.name}</strong>
        <code>
          <SafeText text={source.path} />
        </code>
        <ActionButton action={key} label={`${t.read} ${source.name}`} onClick={() => void look()}>
          {t.read}
        </ActionButton>
      </div>
      {read &&
        ('text' in read ? (
          <div role="status">
            {read.truncated && <p className="muted">{t.earlierLines}</p>}
            <Output text={read.text} />
          </div>
        ) : (
          <Failure error={read} />
        ))}
    </section>
  );
}

function Output({ text }: { text: string }) {
  if (text === '') return <p className="muted">{t.noOutput}</p>;
  return (
    <pre className="predefined-output" tabIndex={0}>
      <SafeText text={text} keep={'\n\t'} />
    </pre>
  );
}
