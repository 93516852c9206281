import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '../../../contract/commands.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { processMark } from '../../ui/marks.ts';
import { StateMark } from '../../ui/state-mark.tsx';

const t = en.projectFile;
type Up = OutputOf<'supervisor.up'>['processes'];

/** Starts and stops the processes of a project file together, in the order in which they need each other. */
export function ProjectFile({ onClose }: { onClose: () => void }) {
  const processes = useHostState((state) => state.processes);
  const folders = useHostState((state) => state.workspaces);
  const used = [...new Set(Object.values(processes).flatMap(({ project }) => project ?? []))].sort();
  const [file, setFile] = useState(() => used[0] ?? exampleIn(Object.values(folders)[0]?.path));
  const [only, setOnly] = useState('');
  const [started, setStarted] = useState<Up | null>(null);
  const { actions } = useHost();
  const names = only.split(/[\s,]+/).filter((word) => word !== '');
  const odd = names.find((name) => !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name));
  const incomplete = file.trim() === '' || odd !== undefined;

  async function up(): Promise<void> {
    if (incomplete) return;
    setStarted(null);
    const input = { file: file.trim(), ...(names.length > 0 && { only: names }) };
    const result = await actions.run('project', 'supervisor.up', input, { what: t.up });
    if (result?.ok) setStarted(result.value.processes);
  }
  async function down(): Promise<void> {
    setStarted(null);
    const result = await actions.run('project', 'supervisor.down', { file: file.trim() }, { what: t.down });
    if (result?.ok) actions.say('done', t.stopped(result.value.stopped));
    if (result?.ok) onClose();
  }
  return (
    <Dialog title={t.title} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void up();
        }}
      >
        <p className="muted">{t.lead}</p>
        <TextInput
          label={t.file}
          description={t.fileHint}
          required
          data-autofocus
          list="project-files"
          value={file}
          onChange={(event) => setFile(event.currentTarget.value)}
        />
        <datalist id="project-files">
          {used.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <TextInput
          label={t.only}
          description={t.onlyHint}
          value={only}
          error={odd === undefined ? undefined : en.processForm.dependsRule(odd.slice(0, 40))}
          onChange={(event) => setOnly(event.currentTarget.value)}
        />
        {started && <Started processes={started} />}
        <div className="buttons">
          <span className="spacer" />
          <ActionButton action="project" disabled={file.trim() === ''} onClick={() => void down()}>
            {t.down}
          </ActionButton>
          <ActionButton action="project" variant="filled" disabled={incomplete} submit>
            {t.up}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

/** What became of each, as it was when the host answered. */
function Started({ processes }: { processes: Up }) {
  return (
    <ul className="plain-list" aria-label={t.started} role="status">
      {processes.map(({ process, outcome }) => (
        <li key={process.name} className="started">
          <StateMark mark={processMark(process.state)} />
          <a href={hrefOf('processes', process.name)}>{process.name}</a>
          <span className="muted">{t.outcomes[outcome]}</span>
        </li>
      ))}
    </ul>
  );
}

/** Where such a file is by custom. */
function exampleIn(folder: string | undefined): string {
  if (folder === undefined) return '';
  const parting = folder.includes('\\') ? '\\' : '/';
  return `${folder.replace(/[\\/]$/, '')}${parting}signalbox.yaml`;
}
