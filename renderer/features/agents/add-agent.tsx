import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Argv } from '../../ui/parts.tsx';
import { argvOf } from '../processes/argv-line.ts';

const t = en.agents;

/** Defines an agent, with the tokens in view that its program will be started with. */
export function AddAgent({ onClose }: { onClose: () => void }) {
  const agents = useHostState((state) => state.agents);
  const [form, setForm] = useState({ name: '', title: '', line: '', inherit: '', mcp: false });
  const set = (change: Partial<typeof form>) => setForm((was) => ({ ...was, ...change }));
  const { actions } = useHost();
  const { name, title, mcp } = form;
  const argv = argvOf(form.line);
  const inherit = form.inherit.split(/[\s,]+/).filter((word) => word !== '');
  const nameIsWrong = name !== '' && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name);
  const isTaken = agents[name]?.source === 'user' || name === 'demo';
  const inheritIsWrong = inherit.some((word) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(word));
  const incomplete =
    name === '' || nameIsWrong || isTaken || inheritIsWrong || argv === null || argv.length === 0;

  async function add(): Promise<void> {
    if (incomplete) return;
    const input = { name, argv, inherit, mcp, ...(title.trim() !== '' && { title: title.trim() }) };
    const result = await actions.run('agent.add', 'agents.add', input, { what: t.add, done: t.added(name) });
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
        <div className="columns">
          <TextInput
            label={t.name}
            data-autofocus
            required
            value={name}
            error={nameIsWrong ? t.nameRule : isTaken ? t.nameTaken : undefined}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t.titleField}
            placeholder={t.optional}
            maxLength={128}
            value={title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
        </div>
        <TextInput
          label={t.commandField}
          description={t.commandHint}
          required
          value={form.line}
          error={argv === null ? t.openQuote : undefined}
          onChange={(event) => set({ line: event.currentTarget.value })}
        />
        {argv !== null && argv.length > 0 && <Argv argv={argv} />}
        <TextInput
          label={t.inherit}
          description={t.inheritHint}
          placeholder={t.optional}
          value={form.inherit}
          error={inheritIsWrong ? t.inheritRule : undefined}
          onChange={(event) => set({ inherit: event.currentTarget.value })}
        />
        <Checkbox
          label={t.mcp}
          description={t.mcpMeans}
          checked={mcp}
          onChange={(event) => set({ mcp: event.currentTarget.checked })}
        />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton action="agent.add" variant="filled" disabled={incomplete} submit>
            {t.add}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
