import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Agent } from '../../../contract/agents.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';

const t = en.agents;

/** A key for one agent. It is in this form until it is sent, and nowhere in the page after that. */
export function SetKey({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const { name } = agent;
  const [key, setKey] = useState('');
  const [variable, setVariable] = useState(agent.keyVariable ?? '');
  const { actions } = useHost();
  const plain = key.trim();
  const incomplete = plain.length < 8 || !/^[\x21-\x7e]+$/.test(plain);

  async function send(): Promise<void> {
    if (incomplete) return;
    const input = { name, key: plain, ...(variable.trim() !== '' && { variable: variable.trim() }) };
    const result = await actions.run('agent.key', 'agents.login', input, {
      what: t.loginDo,
      done: t.keySet(name),
    });
    if (result?.ok) onClose();
  }
  return (
    <Dialog title={t.loginName(name)} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p>{t.loginLead}</p>
        <TextInput
          label={t.keyField}
          type="password"
          autoComplete="off"
          data-autofocus
          required
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <TextInput
          label={t.variable}
          description={t.variableHint}
          value={variable}
          onChange={(event) => setVariable(event.currentTarget.value)}
        />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton action="agent.key" variant="filled" disabled={incomplete} submit>
            {t.loginDo}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
