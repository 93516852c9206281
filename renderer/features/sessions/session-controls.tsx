import { NativeSelect, Switch } from '@mantine/core';
import type { Session, SessionOption } from '../../../contract/sessions.ts';
import { useHost, useOnline, usePending } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { ActionButton } from '../../ui/parts.tsx';

const t = en.sessions;

/** What can be set while an agent holds the session open, in the agent's own words, and how to make it stop. */
export function SessionControls({ session }: { session: Session }) {
  const { actions } = useHost();
  const { id: sessionId, modes, options } = session;
  const key = `session.${sessionId}`;
  const say = (what: string, done: string) => ({ what, done });
  return (
    <div className="stack" role="group" aria-label={t.controls}>
      <div className="session-settings">
        {modes !== null && modes.available.length > 0 && <ModePicker session={session} />}
        {options.map((option) => (
          <OptionPicker key={option.id} session={session} option={option} />
        ))}
      </div>
      <div className="buttons">
        <ActionButton
          action={key}
          onClick={() =>
            void actions.run(key, 'sessions.cancel', { sessionId }, say(t.cancelTurn, t.turnCancelled))
          }
        >
          {t.cancelTurn}
        </ActionButton>
        <ActionButton
          action={key}
          onClick={() => void actions.run(key, 'sessions.close', { sessionId }, say(t.close, t.closed))}
        >
          {t.close}
        </ActionButton>
      </div>
    </div>
  );
}

function ModePicker({ session }: { session: Session }) {
  const { actions } = useHost();
  const online = useOnline();
  const key = `session.${session.id}.mode`;
  const pending = usePending(key);
  const { modes, id: sessionId } = session;
  if (modes === null) return null;
  const current = modes.available.find(({ id }) => id === modes.current);
  return (
    <NativeSelect
      label={t.mode}
      description={current?.description}
      value={modes.current}
      disabled={!online || pending}
      onChange={(event) =>
        void actions.run(
          key,
          'sessions.setMode',
          { sessionId, modeId: event.currentTarget.value },
          { what: t.mode, done: t.modeSet },
        )
      }
      data={modes.available.map(({ id, name }) => ({ value: id, label: name === '' ? id : name }))}
    />
  );
}

function OptionPicker({ session, option }: { session: Session; option: SessionOption }) {
  const { actions } = useHost();
  const online = useOnline();
  const key = `session.${session.id}.option.${option.id}`;
  const pending = usePending(key);
  const set = (value: string | boolean) =>
    void actions.run(
      key,
      'sessions.setOption',
      { sessionId: session.id, optionId: option.id, value },
      { what: option.name, done: t.optionSet },
    );
  const shared = { label: option.name, description: option.description, disabled: !online || pending };
  if (option.type === 'boolean')
    return (
      <Switch {...shared} checked={option.value} onChange={(event) => set(event.currentTarget.checked)} />
    );
  return (
    <NativeSelect
      {...shared}
      value={option.value}
      onChange={(event) => set(event.currentTarget.value)}
      data={option.choices.map(({ id, name, group }) => ({
        value: id,
        label: group === null ? name : `${group}: ${name}`,
      }))}
    />
  );
}
