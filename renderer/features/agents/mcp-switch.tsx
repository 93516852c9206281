import { Switch } from '@mantine/core';
import { useState } from 'react';
import type { Agent } from '../../../contract/agents.ts';
import { useHost, useOnline, usePending } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';

const t = en.agents;

/** Whether tasks hand the bridge to the agent. Switching it on says what becomes possible; off needs no question. */
export function McpSwitch({ agent }: { agent: Agent }) {
  const { actions } = useHost();
  const [asking, setAsking] = useState(false);
  const key = `agent.mcp.${agent.name}`;
  const online = useOnline();
  const pending = usePending(key);
  const set = (mcp: boolean) =>
    void actions.run(
      key,
      'agents.configure',
      { name: agent.name, mcp },
      { what: t.mcp, done: mcp ? t.mcpOn(agent.name) : t.mcpOff(agent.name) },
    );
  return (
    <>
      <Switch
        label={t.mcp}
        description={t.mcpHint}
        checked={agent.mcp}
        disabled={!online || pending}
        onChange={(event) => (event.currentTarget.checked ? setAsking(true) : set(false))}
      />
      {asking && (
        <Confirm
          title={t.mcpTitle(agent.name)}
          action={t.mcp}
          onClose={() => setAsking(false)}
          onConfirm={() => set(true)}
        >
          <p>{t.mcpMeans}</p>
        </Confirm>
      )}
    </>
  );
}
