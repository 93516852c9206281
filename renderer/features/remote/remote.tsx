import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { bytes, when } from '../../ui/format.ts';
import { ActionButton, Card, CopyLine, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { NewToken } from '../bridge/new-token.tsx';
import { Tokens } from '../bridge/tokens.tsx';

const t = en.remote;

export default function Remote({ item }: { item: string | null }) {
  return (
    <Page title={en.screens.remote} lead={t.lead}>
      {item === '_token' && <NewToken kind="acp" onClose={() => goTo('remote')} />}
      <div className="columns">
        <Served />
        <Addresses />
      </div>
      <Connections />
      <Tokens kind="acp" />
    </Page>
  );
}

function Served() {
  const agents = useHostState((state) => state.agents);
  const served = useHostState((state) => state.remote.agents);
  const permissions = useHostState((state) => state.remote.permissions);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [asking, setAsking] = useState(false);
  const { actions } = useHost();
  const wanted = chosen ?? served;
  const changed = wanted.length !== served.length || wanted.some((name) => !served.includes(name));
  const available = Object.values(agents).filter((agent) => agent.state === 'available');
  const serve = () =>
    void actions
      .run('remote.serve', 'remote.serve', { agents: [...wanted] }, { what: t.serve, done: t.serving })
      .then(() => setChosen(null));
  const stop = () =>
    void actions
      .run('remote.serve', 'remote.stop', {}, { what: t.stop, done: t.stopped })
      .then(() => setChosen(null));
  return (
    <Card title={t.agents}>
      {available.length === 0 ? (
        <Empty icon="remote">{t.noAgents}</Empty>
      ) : (
        <div className="stack" role="group" aria-label={t.agents}>
          {available.map((agent) => (
            <Checkbox
              key={agent.name}
              label={agent.title === '' ? agent.name : agent.title}
              description={
                <code>
                  <SafeText text={agent.argv.join(' ')} />
                </code>
              }
              checked={wanted.includes(agent.name)}
              onChange={(event) =>
                setChosen(
                  event.currentTarget.checked
                    ? [...wanted, agent.name]
                    : wanted.filter((name) => name !== agent.name),
                )
              }
            />
          ))}
        </div>
      )}
      <p className="muted">{t.permissions[permissions]}</p>
      <div className="buttons">
        <ActionButton
          action="remote.serve"
          variant="filled"
          disabled={!changed || wanted.length === 0}
          onClick={() => setAsking(true)}
        >
          {t.serve}
        </ActionButton>
        <ActionButton action="remote.serve" color="danger" disabled={served.length === 0} onClick={stop}>
          {t.stop}
        </ActionButton>
      </div>
      {asking && (
        <Confirm
          title={t.serveTitle}
          action={t.serve}
          danger
          onClose={() => setAsking(false)}
          onConfirm={serve}
        >
          <p>{t.serveMeans(wanted.join(', '))}</p>
        </Confirm>
      )}
    </Card>
  );
}

function Addresses() {
  const address = useHostState((state) => state.listeners.acp);
  const served = useHostState((state) => state.remote.agents);
  if (address === null || served.length === 0) {
    return (
      <Card title={t.address}>
        <Empty icon="lock">{t.off}</Empty>
      </Card>
    );
  }
  const base = address.replace(/\/(acp\/?)?$/, '');
  return (
    <Card title={t.address}>
      {served.map((name) => (
        <CopyLine key={name} text={`${base}/acp/${name}`} what={t.addressOf(name)} />
      ))}
    </Card>
  );
}

function Connections() {
  const connections = useHostState((state) => state.remote.connections);
  const { actions } = useHost();
  const now = useNow();
  return (
    <Card title={t.connections} flush={connections.length > 0}>
      {connections.length === 0 ? (
        <Empty icon="remote">{t.noConnections}</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>{t.agent}</th>
              <th>{t.client}</th>
              <th>{t.since}</th>
              <th>{t.transport}</th>
              <th className="numeric">{t.sent}</th>
              <th className="numeric">{t.answers}</th>
              <th>
                <span className="visually-hidden">{en.common.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {connections.map((connection) => (
              <tr key={connection.id}>
                <td>{connection.agent}</td>
                <td>
                  <SafeText text={connection.client} />
                </td>
                <td className="numeric">{when(connection.connectedAt, now)}</td>
                <td>{t.transports[connection.transport]}</td>
                <td className="numeric">
                  {t.bothWays(bytes(connection.bytesIn), bytes(connection.bytesOut))}
                </td>
                <td className="numeric">
                  {connection.latencyMs === null ? '–' : t.ms(connection.latencyMs)}
                </td>
                <td className="cell-actions">
                  <ActionButton
                    action={`remote.close.${connection.id}`}
                    label={`${t.close} ${connection.agent}, ${connection.client}`}
                    onClick={() =>
                      void actions.run(
                        `remote.close.${connection.id}`,
                        'remote.closeConnection',
                        { connectionId: connection.id },
                        { what: t.close, done: t.closed },
                      )
                    }
                  >
                    {t.close}
                  </ActionButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
