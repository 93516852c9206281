import { SegmentedControl, Switch } from '@mantine/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { Workspace } from '../../../contract/workspaces.ts';
import { useHost, useHostState, useQuery } from '../../host/use-host.tsx';
import { appearanceStore } from '../../shell/appearance.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { when } from '../../ui/format.ts';
import { checkMarks, modeMark } from '../../ui/marks.ts';
import { ActionButton, Answer, Card, Empty, Facts, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { BridgeModesCard } from '../bridge/bridge-modes.tsx';
import { FolderForm } from '../overview/first-run.tsx';
import { Secrets } from './secrets.tsx';

const t = en.settings;

export default function Settings() {
  return (
    <Page title={en.screens.settings} lead={t.lead}>
      <Workspaces />
      <div className="columns">
        <Appearance />
        <BridgeModesCard />
      </div>
      <Doctor />
      <Secrets />
      <div className="columns">
        <Agents />
        <About />
      </div>
    </Page>
  );
}

function Workspaces() {
  const table = useHostState((state) => state.workspaces);
  const all = Object.values(table);
  return (
    <Card title={t.folders}>
      {all.length === 0 ? (
        <Empty icon="overview">{t.noFolders}</Empty>
      ) : (
        <table className="table">
          <tbody>
            {all.map((workspace) => (
              <WorkspaceRow key={workspace.id} workspace={workspace} />
            ))}
          </tbody>
        </table>
      )}
      <FolderForm />
    </Card>
  );
}

function WorkspaceRow({ workspace }: { workspace: Workspace }) {
  const { actions } = useHost();
  const [asking, setAsking] = useState<'trust' | 'remove' | null>(null);
  const key = `workspace.${workspace.id}`;
  const input = { workspace: workspace.id };
  const trust = (trusted: boolean) =>
    void actions.run(key, 'workspaces.trust', { ...input, trusted }, { what: t.trust });
  return (
    <tr>
      <td>
        <SafeText text={workspace.name} />
      </td>
      <td>
        <code>
          <SafeText text={workspace.path} />
        </code>
      </td>
      <td>
        <Switch
          label={t.trust}
          checked={workspace.trusted}
          onChange={(event) => (event.currentTarget.checked ? setAsking('trust') : trust(false))}
        />
      </td>
      <td className="cell-actions">
        <ActionButton
          action={key}
          label={`${t.remove} ${workspace.name}`}
          onClick={() => setAsking('remove')}
        >
          {t.remove}
        </ActionButton>
        {asking === 'trust' && (
          <Confirm
            title={t.trustTitle(workspace.name)}
            action={t.trust}
            danger
            onClose={() => setAsking(null)}
            onConfirm={() => trust(true)}
          >
            <p>{t.trustMeans}</p>
          </Confirm>
        )}
        {asking === 'remove' && (
          <Confirm
            title={t.removeTitle(workspace.name)}
            action={t.remove}
            danger
            onClose={() => setAsking(null)}
            onConfirm={() =>
              void actions.run(key, 'workspaces.remove', input, { what: t.remove, done: t.folderRemoved })
            }
          >
            <p>{t.removeMeans}</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

function Appearance() {
  const appearance = useStore(appearanceStore);
  return (
    <Card title={t.appearance}>
      <div className="field">
        <span className="field-label">{t.scheme}</span>
        <SegmentedControl
          aria-label={t.scheme}
          value={appearance.scheme}
          onChange={(value) =>
            appearanceStore.setState({ scheme: value === 'light' || value === 'dark' ? value : 'system' })
          }
          data={[
            { value: 'system', label: t.schemes.system },
            { value: 'light', label: t.schemes.light },
            { value: 'dark', label: t.schemes.dark },
          ]}
        />
      </div>
      <Switch
        label={t.contrast}
        checked={appearance.contrast === 'high'}
        onChange={(event) =>
          appearanceStore.setState({ contrast: event.currentTarget.checked ? 'high' : 'system' })
        }
      />
      <Switch
        label={t.motion}
        checked={appearance.motion === 'reduced'}
        onChange={(event) =>
          appearanceStore.setState({ motion: event.currentTarget.checked ? 'reduced' : 'system' })
        }
      />
      <p className="muted">{t.appearanceHint}</p>
    </Card>
  );
}

function Doctor() {
  const [version, setVersion] = useState(0);
  const checks = useQuery('host.doctor', {}, version);
  return (
    <Card
      title={t.doctor}
      actions={
        <ActionButton action="doctor" onClick={() => setVersion(version + 1)}>
          {t.checkAgain}
        </ActionButton>
      }
      flush
    >
      <Answer query={checks} onRetry={() => setVersion(version + 1)}>
        {(value) => (
          <table className="table">
            <tbody>
              {value.checks.map((check) => (
                <tr key={check.id}>
                  <td>
                    <StateMark mark={{ ...checkMarks[check.state], word: t.checks[check.state] }} />
                  </td>
                  <td>
                    <SafeText text={check.summary} />
                  </td>
                  <td>
                    {check.fix !== null && (
                      <code>
                        <SafeText text={check.fix} />
                      </code>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Answer>
    </Card>
  );
}

function Agents() {
  const table = useHostState((state) => state.agents);
  const all = Object.values(table);
  return (
    <Card title={t.agents} flush={all.length > 0}>
      {all.length === 0 ? (
        <Empty icon="tasks">{en.firstRun.agents.none}</Empty>
      ) : (
        <table className="table">
          <tbody>
            {all.map((agent) => (
              <tr key={agent.name}>
                <td>
                  <StateMark
                    mark={{
                      ...checkMarks[agent.state === 'available' ? 'ok' : 'missing'],
                      word: t.agentStates[agent.state],
                    }}
                  />
                </td>
                <td>
                  <SafeText text={agent.title === '' ? agent.name : agent.title} />
                </td>
                <td className="muted">{t.sources[agent.source]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function About() {
  const host = useHostState((state) => state.host);
  const { actions } = useHost();
  const now = useNow();
  const [locking, setLocking] = useState(false);
  const run = (name: 'host.pause' | 'host.resume' | 'host.lockDown', what: string, done: string) =>
    void actions.run(name, name, {}, { what, done });
  return (
    <Card title={t.about}>
      <Facts
        rows={[
          [t.hostName, <SafeText key="name" text={host.name} />],
          [t.version, host.version],
          [t.platform, host.platform],
          [t.kind, host.kind === 'tray' ? en.overview.tray : en.overview.headless],
          [t.startedAt, when(host.startedAt, now)],
          [t.mode, <StateMark key="mode" mark={modeMark(host.mode)} />],
        ]}
      />
      <div className="buttons">
        {host.mode === 'running' ? (
          <ActionButton
            action="host.pause"
            onClick={() => run('host.pause', en.mode.pause, en.mode.pausedDone)}
          >
            {en.mode.pause}
          </ActionButton>
        ) : (
          <ActionButton
            action="host.resume"
            onClick={() => run('host.resume', en.mode.resume, en.mode.resumed)}
          >
            {en.mode.resume}
          </ActionButton>
        )}
        <ActionButton
          action="host.lockDown"
          color="danger"
          disabled={host.mode === 'locked-down'}
          onClick={() => setLocking(true)}
        >
          {en.mode.lockDown}
        </ActionButton>
      </div>
      {locking && (
        <Confirm
          title={en.mode.lockDown}
          action={en.mode.lockDown}
          danger
          onClose={() => setLocking(false)}
          onConfirm={() => run('host.lockDown', en.mode.lockDown, en.mode.lockedDownDone)}
        >
          <p>{en.mode.lockDownMeans}</p>
        </Confirm>
      )}
    </Card>
  );
}
