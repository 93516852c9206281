import { useState } from 'react';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { en } from '../../texts/en.ts';
import { isLive } from '../../ui/marks.ts';
import { ActionButton } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { draftOf } from './form/draft-of.ts';
import { ProcessForm } from './process-form.tsx';

const t = en.processes;

/** Changes the definition of a process where it stands. That of a project file is changed in the file. */
export function EditProcess({ process }: { process: ManagedProcess }) {
  const [editing, setEditing] = useState(false);
  const { name, project } = process;
  const close = () => setEditing(false);
  if (project !== null) {
    return (
      <p className="muted">
        {t.definedIn}{' '}
        <code>
          <SafeText text={project} />
        </code>
      </p>
    );
  }
  return (
    <div className="buttons">
      <ActionButton action="process.form" label={t.editIt(name)} onClick={() => setEditing(true)}>
        {t.edit}
      </ActionButton>
      {editing && (
        <ProcessForm
          title={t.editTitle(name)}
          first={() => draftOf(process.definition)}
          send={isWanted(process) ? t.saveAndRestart : t.saveAndStart}
          onDone={close}
          onClose={close}
        />
      )}
    </div>
  );
}

/** It runs, or waits for its next start: what is changed restarts it. */
function isWanted(process: ManagedProcess): boolean {
  return isLive(process) && process.state !== 'stopping';
}
