import { useState } from 'react';
import type { Agent } from '../../../contract/agents.ts';
import { useHost } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { SetKey } from './set-key.tsx';

const t = en.agents;

/** What can be done about an agent; only one that was added can be removed. */
export function AgentDeeds({ agent }: { agent: Agent }) {
  const [asking, setAsking] = useState<'key' | 'logout' | 'remove' | null>(null);
  const { actions } = useHost();
  const { name } = agent;
  const close = () => setAsking(null);
  const logout = () =>
    void actions.run(`agent.${name}`, 'agents.logout', { name }, { what: t.logout, done: t.keyForgotten });
  const remove = () =>
    void actions
      .run(`agent.${name}`, 'agents.remove', { name }, { what: t.remove, done: t.removed(name) })
      .then((result) => result?.ok && goTo('agents'));
  if (agent.source === 'built-in') return null;
  return (
    <div className="buttons">
      <ActionButton action={`agent.${name}`} label={t.loginName(name)} onClick={() => setAsking('key')}>
        {t.loginDo}
      </ActionButton>
      {agent.keyVariable !== null && (
        <ActionButton action={`agent.${name}`} label={t.logoutName(name)} onClick={() => setAsking('logout')}>
          {t.logout}
        </ActionButton>
      )}
      <span className="spacer" />
      {agent.source === 'user' && (
        <ActionButton
          action={`agent.${name}`}
          color="danger"
          label={t.removeName(name)}
          onClick={() => setAsking('remove')}
        >
          {t.remove}
        </ActionButton>
      )}
      {asking === 'key' && <SetKey agent={agent} onClose={close} />}
      {asking === 'logout' && (
        <Confirm title={t.logoutName(name)} action={t.logout} danger onClose={close} onConfirm={logout}>
          <p>{t.logoutMeans}</p>
        </Confirm>
      )}
      {asking === 'remove' && (
        <Confirm title={t.removeTitle(name)} action={t.remove} danger onClose={close} onConfirm={remove}>
          <p>{t.removeMeans}</p>
        </Confirm>
      )}
    </div>
  );
}
