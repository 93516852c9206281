import { useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { emptyDraft } from './form/draft.ts';
import { ProcessForm } from './process-form.tsx';

/** Starts one program. */
export function NewProcess({ onClose }: { onClose: () => void }) {
  const folders = useHostState((state) => state.workspaces);
  return (
    <ProcessForm
      title={en.processes.create}
      first={() => emptyDraft(Object.values(folders)[0]?.path ?? '')}
      send={en.processes.verbs.start}
      onDone={({ process }) => goTo('processes', process.name)}
      onClose={onClose}
    />
  );
}
