import { useState } from 'react';
import type { OutputOf } from '../../../contract/commands.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { LogSource } from '../../../contract/predefined.ts';
import { useHost, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Answer, Empty, Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { PredefinedActionCard } from './predefined-action.tsx';
import { Printed } from './printed.tsx';

const t = en.tasks;

type Read = OutputOf<'tasks.readLogSource'>;

/** The commands and logs that the configuration file names: run one, read one. */
export function Predefined({ onClose }: { onClose: () => void }) {
  const [round, setRound] = useState(0);
  const query = useQuery('tasks.actions', {}, round);
  const before = useQuery('tasks.actionRuns', {});
  const runs = before.state === 'ready' ? before.value.runs : [];
  return (
    <Dialog title={t.predefined} onClose={onClose} wide>
      <p className="muted">{t.predefinedLead}</p>
      <Answer query={query} onRetry={() => setRound(round + 1)}>
        {({ actions, logSources, unusable }) => (
          <div className="stack">
            {actions.length + logSources.length + unusable.length === 0 && (
              <Empty icon="tasks">{t.noPredefined}</Empty>
            )}
            {actions.length > 0 && <h3>{t.actionsTitle}</h3>}
            {actions.map((action) => (
              <PredefinedActionCard
                key={action.name}
                action={action}
                last={runs.find(({ name }) => name === action.name) ?? null}
              />
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
          <>
            {read.truncated && <p className="muted">{t.earlierLines}</p>}
            <Printed of={source.name} pieces={[{ missing: 0, text: read.text }]} />
          </>
        ) : (
          <Failure error={read} />
        ))}
    </section>
  );
}
