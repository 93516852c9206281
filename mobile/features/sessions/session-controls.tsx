import type { SessionOption } from '../../../contract/sessions.ts';
import type { SessionView } from '../../host/task-views.ts';
import type { HostAction, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Card } from '../../ui/card.tsx';
import { CheckRow } from '../../ui/check-row.tsx';
import { visible } from '../../ui/code.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Picker } from '../../ui/picker.tsx';
import type { PickerChoice } from '../../ui/picker.tsx';
import { Words } from '../../ui/words.tsx';

type Select = Extract<SessionOption, { type: 'select' }>;
type OfAgent = Omit<PickerChoice, 'description'> & { readonly description: string };

/** In the agent's words, with nothing hidden in them; one that has no name shows its id. */
function shown({ description, id, name }: OfAgent): PickerChoice {
  return { id, name: visible(name === '' ? id : name), description: visible(description) };
}

function choicesOf({ choices }: Select): PickerChoice[] {
  return choices.map(({ group, ...choice }) => {
    const one = shown(choice);
    return group === null ? one : { ...one, name: `${visible(group)} · ${one.name}` };
  });
}

/** One line for who may only look: what each setting stands at. */
function standing({ modes, options }: SessionView): string[] {
  const mode = modes?.available.find(({ id }) => id === modes.current);
  return [
    ...(mode ? [t.session.setting(t.session.modeTitle, shown(mode).name)] : []),
    ...options.map((option) => {
      const { name } = shown(option);
      if (option.type === 'boolean') return t.session.setting(name, t.session.onOff(option.value));
      const chosen = choicesOf(option).find(({ id }) => id === option.value);
      return t.session.setting(name, chosen?.name ?? visible(option.value));
    }),
  ];
}

function Option(props: {
  option: SessionOption;
  disabled: boolean;
  onSet: (value: string | boolean) => void;
}) {
  const { disabled, onSet, option } = props;
  const { description, name } = shown(option);
  if (option.type === 'boolean') {
    return (
      <CheckRow
        title={name}
        {...(description !== '' && { subtitle: description })}
        checked={option.value}
        disabled={disabled}
        onToggle={() => {
          onSet(!option.value);
        }}
      />
    );
  }
  return (
    <Picker
      label={name}
      description={description}
      choices={choicesOf(option)}
      chosen={option.value}
      disabled={disabled}
      onChoose={onSet}
    />
  );
}

const said = { open: t.session.unfold(t.session.controls), close: t.session.fold(t.session.controls) };

/**
 * What can be set while an agent holds the session open. Nothing is shown as set before the host says so.
 * @param onAct the action, and how its success is told
 */
export function SessionControls(props: {
  host: HostView;
  session: SessionView;
  busy: boolean;
  onAct: (action: HostAction, done: string) => void;
}) {
  const { busy, host, onAct, session } = props;
  const { modes, options } = session;
  const hasModes = modes !== null && modes.available.length > 0;
  if (session.state !== 'open' || (!hasModes && options.length === 0)) return null;
  const of = { hostId: host.id, sessionId: session.id };
  if (!host.scopes.includes('manage')) {
    return (
      <Card title={t.session.controls}>
        {standing(session).map((line) => (
          <Words key={line}>{line}</Words>
        ))}
        <Words size="caption">{t.session.mayNotSet}</Words>
      </Card>
    );
  }
  const online = host.link.kind === 'online';
  const disabled = busy || !online;
  return (
    <Card>
      <Fold title={t.session.controls} said={said} below={standing(session).join(' · ')}>
        {!online && <Words size="caption">{t.session.setOffline}</Words>}
        {hasModes && (
          <Picker
            label={t.session.modeTitle}
            description=""
            choices={modes.available.map(shown)}
            chosen={modes.current}
            disabled={disabled}
            onChoose={(modeId) => {
              onAct({ kind: 'set-session-mode', ...of, modeId }, t.session.modeSet);
            }}
          />
        )}
        {options.map((option) => (
          <Option
            key={option.id}
            option={option}
            disabled={disabled}
            onSet={(value) => {
              onAct({ kind: 'set-session-option', ...of, optionId: option.id, value }, t.session.optionSet);
            }}
          />
        ))}
      </Fold>
    </Card>
  );
}
