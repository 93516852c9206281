import { TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { toFilter, type FilterDraft } from './audit-filter.ts';
import { FilterFields } from './filter-fields.tsx';

const t = en.audit;

/** Writes the log, or what the fields choose, to a file on the host; begins with what the list shows. */
export function ExportDialog({ chosen, onClose }: { chosen: FilterDraft; onClose: () => void }) {
  const [file, setFile] = useState('');
  const [draft, setDraft] = useState(chosen);
  const { actions } = useHost();
  const filter = toFilter(draft);
  async function write(): Promise<void> {
    const input = { file: file.trim(), ...(filter !== null && { filter }) };
    const result = await actions.run('audit.export', 'audit.export', input, { what: t.export });
    if (!result?.ok) return;
    const { records, file: written, sha256 } = result.value;
    actions.say('done', t.exported(records), `${written} · SHA-256 ${sha256}`);
    onClose();
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (file.trim() !== '') void write();
  }
  return (
    <Dialog title={t.export} onClose={onClose} wide>
      <form className="stack" onSubmit={submit}>
        <p>{filter === null ? t.exportMeans : t.exportPart}</p>
        <FilterFields draft={draft} onChange={setDraft} />
        <TextInput
          label={t.file}
          placeholder={t.fileExample}
          data-autofocus
          required
          value={file}
          onChange={(event) => setFile(event.currentTarget.value)}
        />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton
            action="audit.export"
            variant="filled"
            disabled={file.trim() === ''}
            onClick={() => void write()}
          >
            {t.export}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
