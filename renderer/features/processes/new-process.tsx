import { NativeSelect } from '@mantine/core';
import { useRef, useState, type RefObject } from 'react';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Argv } from '../../ui/parts.tsx';
import { argvOf } from './argv-line.ts';
import { DraftSwitch, DraftText, FormContext, useForm } from './form/draft-fields.tsx';
import { emptyDraft, type ProcessDraft } from './form/draft.ts';
import { hasFoldedFault } from './form/faults.ts';
import { MoreFields } from './form/more-fields.tsx';
import { readDraft } from './form/read-draft.ts';

const t = en.processForm;
const RESTARTS = ['never', 'on-failure', 'always'] as const;

/** Starts one program, with the tokens in view that the operating system will be handed. */
export function NewProcess({ onClose }: { onClose: () => void }) {
  const folders = useHostState((state) => state.workspaces);
  const [draft, setDraft] = useState<ProcessDraft>(() => emptyDraft(Object.values(folders)[0]?.path ?? ''));
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
    const said = en.processes;
    const result = await actions.run('process.run', 'supervisor.run', input, { what: said.create });
    if (!result?.ok) return;
    actions.say('done', said.outcomes[result.value.outcome](input.name));
    goTo('processes', input.name);
  }
  const set = (change: Partial<ProcessDraft>) => setDraft((before) => ({ ...before, ...change }));
  return (
    <Dialog title={en.processes.create} onClose={onClose} wide>
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
              {en.processes.verbs.start}
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
  const taken = useHostState((state) => state.processes[draft.name.trim()] !== undefined);
  return (
    <>
      <DraftText of="name" label={t.name} required data-autofocus />
      {taken && (
        <p className="card-note" data-tone="warning" role="status">
          {t.takes(draft.name.trim())}
        </p>
      )}
      <DraftText of="command" label={t.command} hint={t.commandHint} required />
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
        <DraftText of="port" label={t.port} numeric />
      </div>
      <DraftSwitch of="pty" label={t.pty} hint={t.ptyHint} />
    </>
  );
}
