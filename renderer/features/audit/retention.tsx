import { useState } from 'react';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { ActionButton, Card } from '../../ui/parts.tsx';
import { PruneDialog } from './prune-dialog.tsx';

const t = en.audit;

/** How far back whole records reach, and the way to drop older ones. */
export function Retention() {
  const oldest = useHostState((state) => state.audit.oldestSeq);
  const readOnly = useHostState((state) => state.audit.state === 'read-only');
  const [open, setOpen] = useState(false);
  const prune = (
    <ActionButton action="audit.prune" disabled={readOnly} onClick={() => setOpen(true)}>
      {t.prune}
    </ActionButton>
  );
  return (
    <Card title={t.kept} actions={prune}>
      <p className="muted">{readOnly ? t.readOnly : oldest === 0 ? t.keptWhole : t.oldest(oldest)}</p>
      {open && <PruneDialog onClose={() => setOpen(false)} />}
    </Card>
  );
}
