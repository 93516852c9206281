import { useState } from 'react';
import type { AuditVerdict } from '../../../contract/audit.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { NO_FILTER } from './audit-filter.ts';
import { CheckpointDialog } from './checkpoint-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { Records } from './records.tsx';
import { Retention } from './retention.tsx';

const t = en.audit;

export default function Audit() {
  const { actions } = useHost();
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const [open, setOpen] = useState<'export' | 'checkpoint' | null>(null);
  const [draft, setDraft] = useState(NO_FILTER);
  async function verify(): Promise<void> {
    const result = await actions.run('audit.verify', 'audit.verify', {}, { what: t.verify });
    if (result?.ok) setVerdict(result.value);
  }
  const buttons = (
    <>
      <ActionButton action="audit.verify" onClick={() => void verify()}>
        {t.verify}
      </ActionButton>
      <ActionButton action="audit.checkpoint" onClick={() => setOpen('checkpoint')}>
        {t.checkpoint}
      </ActionButton>
      <ActionButton action="audit.export" onClick={() => setOpen('export')}>
        {t.export}
      </ActionButton>
    </>
  );
  return (
    <Page title={en.screens.audit} lead={t.lead} actions={buttons}>
      {verdict && <Verdict verdict={verdict} />}
      {open === 'export' && <ExportDialog chosen={draft} onClose={() => setOpen(null)} />}
      {open === 'checkpoint' && <CheckpointDialog onClose={() => setOpen(null)} />}
      <Records draft={draft} onChange={setDraft} />
      <Retention />
    </Page>
  );
}

function Verdict({ verdict }: { verdict: AuditVerdict }) {
  const ok = verdict.verdict === 'ok';
  return (
    <div className="banner" data-tone={ok ? 'ok' : 'danger'} role={ok ? 'status' : 'alert'}>
      <Icon name={ok ? 'check' : 'warning'} />
      <p>
        <strong>{t.verdicts[verdict.verdict]}</strong>{' '}
        {verdict.verdict === 'ok' ? (
          t.verified(verdict.records, verdict.omitted)
        ) : (
          <SafeText text={verdict.message} />
        )}
        {verdict.verdict !== 'ok' && verdict.firstBadSeq !== null && ` ${t.firstBad(verdict.firstBadSeq)}`}
      </p>
    </div>
  );
}
