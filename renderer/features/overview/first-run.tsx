import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { readStored, writeStored } from '../../shell/appearance.ts';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton } from '../../ui/parts.tsx';

const KEY = 'signalbox.first-run';
const t = en.firstRun;

/** Three steps, each with a mark that follows the host; gone for good when done or dismissed. */
export function FirstRun() {
  const agents = useHostState((s) => Object.values(s.agents).filter((a) => a.state === 'available').length);
  const folders = useHostState((s) => Object.keys(s.workspaces).length);
  const devices = useHostState(
    (s) => Object.values(s.devices).filter((d) => d.state === 'active' && d.kind === 'phone').length,
  );
  const [dismissed, setDismissed] = useState(() => readStored(window, KEY) === 'done');
  if (dismissed || (agents > 0 && folders > 0 && devices > 0)) return null;
  const dismiss = () => {
    writeStored(window, KEY, 'done');
    setDismissed(true);
  };
  return (
    <section className="card" aria-label={t.title}>
      <header className="card-header">
        <h2>{t.title}</h2>
        <Button variant="subtle" onClick={dismiss}>
          {t.skip}
        </Button>
      </header>
      <ol className="first-run">
        <Step
          done={agents > 0}
          title={t.agents.title}
          text={agents > 0 ? t.agents.found(agents) : t.agents.none}
        >
          <Button variant="default" onClick={() => goTo('agents')}>
            {t.agents.action}
          </Button>
        </Step>
        <Step
          done={folders > 0}
          title={t.folder.title}
          text={folders > 0 ? t.folder.chosen(folders) : t.folder.none}
        >
          {folders === 0 && <FolderForm />}
        </Step>
        <Step done={devices > 0} title={t.phone.title} text={devices > 0 ? t.phone.paired : t.phone.none}>
          {devices === 0 && (
            <Button variant={folders > 0 ? 'filled' : 'default'} onClick={() => goTo('devices', '_pair')}>
              {en.devices.pair}
            </Button>
          )}
        </Step>
      </ol>
    </section>
  );
}

function Step({
  done,
  title,
  text,
  children,
}: {
  done: boolean;
  title: string;
  text: string;
  children: React.ReactNode;
}) {
  return (
    <li data-done={done}>
      <span className="step-mark" data-tone={done ? 'ok' : 'neutral'}>
        <Icon name={done ? 'check' : 'circle'} />
        {done ? t.done : t.open}
      </span>
      <h3>{title}</h3>
      <p className="muted">{text}</p>
      {children}
    </li>
  );
}

/** Adding a folder, here and in the settings. */
export function FolderForm() {
  const { actions } = useHost();
  const [path, setPath] = useState('');
  async function add(): Promise<void> {
    const said = { what: en.settings.addFolder, done: en.settings.folderAdded };
    const result = await actions.run('workspace.add', 'workspaces.add', { path: path.trim() }, said);
    if (result?.ok) setPath('');
  }
  return (
    <form
      className="row-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <TextInput
        aria-label={en.settings.folderPath}
        placeholder={en.settings.folderExample}
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
      />
      <ActionButton
        action="workspace.add"
        disabled={path.trim() === ''}
        variant="filled"
        onClick={() => void add()}
      >
        {en.settings.addFolder}
      </ActionButton>
    </form>
  );
}
