import { NativeSelect } from '@mantine/core';
import { useRef, useState, type RefObject } from 'react';
import type { OutputOf } from '../../../contract/commands.ts';
import { useHost, useHostState, usePending } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Argv } from '../../ui/parts.tsx';
import { argvOf, lineOf } from './argv-line.ts';
import { DraftLines, DraftSwitch, DraftText, FormContext, useForm } from './form/draft-fields.tsx';
import type { ProcessDraft } from './form/draft.ts';
import { hasFoldedFault } from './form/faults.ts';
import { MoreFields } from './form/more-fields.tsx';
import { readDraft } from './form/read-draft.ts';

const t = en.processForm;
const RESTARTS = ['never', 'on-failure', 'always'] as const;

/**
 * The form that starts a process, with the tokens in view that the operating system will be handed.
 * @param props.first what stands in it when it opens
 * @param props.send the word on the button that sends it
 * @param props.onDone the host did it
 */
export function ProcessForm(props: {
  title: string;
  first: () => ProcessDraft;
  send: string;
  onDone: (done: OutputOf<'supervisor.run'>) => void;
  onClose: () => void;
}) {
  const { title, first, send, onDone, onClose } = props;
  const [draft, setDraft] = useState<ProcessDraft>(first);
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { actions } = useHost();
  const { input, faults } = readDraft(draft);

  async function start(): Promise<void> {
    if (Object.keys(faults).length > 0) {
      setTried(true);
      if (hasFoldedFault(faults)) form.current?.querySelector('details')?.setAttribute('open', '');
      window.requestAnimationFrame(() => goToFault(form));
      return;
    }
    const result = await actions.run('process.run', 'supervisor.run', input, { what: title });
    if (!result?.ok) return;
    actions.say('done', en.processes.outcomes[result.value.outcome](input.name));
    onDone(result.value);
  }
  const set = (change: Partial<ProcessDraft>) => setDraft((before) => ({ ...before, ...change }));
  return (
    <Dialog title={title} onClose={onClose} wide>
      <FormContext value={{ draft, faults, tried, set }}>
        <form
          ref={form}
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <FrontFields />
          <details>
            <summary>{t.more}</summary>
            <MoreFields />
          </details>
          <div className="buttons form-end">
            <span className="spacer" />
            <ActionButton action="process.run" variant="filled" submit>
              {send}
            </ActionButton>
          </div>
        </form>
      </FormContext>
    </Dialog>
  );
}

function goToFault(form: RefObject<HTMLFormElement | null>): void {
  form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

function FrontFields() {
  const { draft, set } = useForm();
  const argv = argvOf(draft.command);
  return (
    <>
      <NameField />
      <CommandField />
      {argv !== null && argv.length > 0 && <Argv argv={argv} />}
      <DraftText of="cwd" label={t.folder} required />
      <div className="columns">
        <NativeSelect
          label={t.restart}
          value={draft.restart}
          onChange={(event) =>
            set({ restart: RESTARTS.find((mode) => mode === event.currentTarget.value) ?? 'never' })
          }
          data={RESTARTS.map((value) => ({ value, label: t.restartModes[value] }))}
        />
        <DraftText
          of="port"
          label={t.port}
          numeric
          hint={draft.known?.autoPort === true ? t.portChosen : undefined}
        />
      </div>
      <DraftSwitch of="pty" label={t.pty} hint={t.ptyHint} />
    </>
  );
}

/** A new process is told whose name it would take. What is defined keeps its own, and is told of other hands. */
function NameField() {
  const { draft } = useForm();
  const name = draft.name.trim();
  const definition = useHostState((state) => state.processes[name]?.definition);
  const isSending = usePending('process.run');
  const isNew = draft.known === null;
  const warning = isNew
    ? definition && t.takes(name)
    : !isSending && JSON.stringify(definition) !== JSON.stringify(draft.known) && t.changedMeanwhile(name);
  return (
    <>
      {isNew ? (
        <DraftText of="name" label={t.name} required data-autofocus />
      ) : (
        <DraftText of="name" label={t.name} hint={t.nameFixed} readOnly />
      )}
      {warning && (
        <p className="card-note" data-tone="warning" role="status">
          {warning}
        </p>
      )}
    </>
  );
}

/** A token of several lines, such as a script for a shell, needs a field of several lines from the start. */
function CommandField() {
  const { known } = useForm().draft;
  const field = { of: 'command', label: t.command, hint: t.commandHint, required: true } as const;
  const focus = known === null ? {} : ({ 'data-autofocus': true } as const);
  const isLong = known !== null && /[\r\n]/.test(lineOf(known.argv));
  return isLong ? <DraftLines {...field} {...focus} /> : <DraftText {...field} {...focus} />;
}
