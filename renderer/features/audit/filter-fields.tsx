import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { NO_FILTER, toFilter, type FilterDraft } from './audit-filter.ts';

const t = en.audit;

/** Which records: the same fields for the list and for an export. */
export function FilterFields({
  draft,
  onChange,
}: {
  draft: FilterDraft;
  onChange: (draft: FilterDraft) => void;
}) {
  const workspaces = useHostState((state) => state.workspaces);
  const set = (part: Partial<FilterDraft>) => onChange({ ...draft, ...part });
  return (
    <div className="audit-filter">
      <NativeSelect
        label={t.type}
        value={draft.type}
        onChange={(event) => set({ type: event.currentTarget.value })}
        data={[
          { value: '', label: t.everything },
          ...Object.entries(t.families).map(([value, label]) => ({ value, label })),
        ]}
      />
      <TextInput
        label={t.actor}
        placeholder={t.actorExample}
        maxLength={512}
        value={draft.actor}
        onChange={(event) => set({ actor: event.currentTarget.value })}
      />
      <NativeSelect
        label={t.folder}
        value={draft.workspaceId}
        onChange={(event) => set({ workspaceId: event.currentTarget.value })}
        data={[
          { value: '', label: t.everyFolder },
          ...Object.values(workspaces).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <TextInput
        type="datetime-local"
        label={t.from}
        value={draft.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
      />
      <TextInput
        type="datetime-local"
        label={t.to}
        value={draft.to}
        onChange={(event) => set({ to: event.currentTarget.value })}
      />
      <Button variant="subtle" disabled={toFilter(draft) === null} onClick={() => onChange(NO_FILTER)}>
        {t.clear}
      </Button>
    </div>
  );
}
