import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Argv } from '../../ui/parts.tsx';
import { argvOf } from '../processes/argv-line.ts';
import { definitionOf, emptyDraft, inheritOf, wrongName, type AgentDraft } from './agent-draft.ts';

const t = en.agents;

/** Defines an agent, with the tokens in view that its program will be started with. */
export function AddAgent({ onClose }: { onClose: () => void }) {
  const agents = useHostState((state) => state.agents);
  const [draft, setDraft] = useState(emptyDraft);
  const { actions } = useHost();
  const definition = definitionOf(draft, agents);

  async function add(): Promise<void> {
    if (definition === null) return;
    const { name } = definition;
    const said = { what: t.add, done: t.added(name) };
    const result = await actions.run('agent.add', 'agents.add', definition, said);
    if (result?.ok) goTo('agents', name);
  }
  return (
    <Dialog title={t.add} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <DraftFields draft={draft} wrong={wrongName(draft.name, agents)} onChange={setDraft} />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton action="agent.add" variant="filled" disabled={definition === null} submit>
            {t.add}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

function DraftFields(props: {
  draft: AgentDraft;
  wrong: ReturnType<typeof wrongName>;
  onChange: (draft: AgentDraft) => void;
}) {
  const { draft, wrong } = props;
  const set = (change: Partial<AgentDraft>) => props.onChange({ ...draft, ...change });
  const argv = argvOf(draft.line);
  return (
    <>
      <div className="columns">
        <TextInput
          label={t.name}
          data-autofocus
          required
          value={draft.name}
          error={wrong === null ? undefined : wrong === 'form' ? t.nameRule : t.nameTaken}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t.titleField}
          placeholder={t.optional}
          maxLength={128}
          value={draft.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
      </div>
      <TextInput
        label={t.commandField}
        description={t.commandHint}
        required
        value={draft.line}
        error={argv === null ? t.openQuote : undefined}
        onChange={(event) => set({ line: event.currentTarget.value })}
      />
      {argv !== null && argv.length > 0 && <Argv argv={argv} />}
      <TextInput
        label={t.inherit}
        description={t.inheritHint}
        placeholder={t.optional}
        value={draft.inherit}
        error={inheritOf(draft) === null ? t.inheritRule : undefined}
        onChange={(event) => set({ inherit: event.currentTarget.value })}
      />
      <Checkbox
        label={t.mcp}
        description={t.mcpMeans}
        checked={draft.mcp}
        onChange={(event) => set({ mcp: event.currentTarget.checked })}
      />
    </>
  );
}
