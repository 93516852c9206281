import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { AuditRecord, AuditVerdict } from '../../../contract/audit.ts';
import { useHost, useHostState, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Answer, Card, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';

const t = en.audit;
const PAGE = 100;

export default function Audit() {
  const { actions } = useHost();
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const [exporting, setExporting] = useState(false);
  async function verify(): Promise<void> {
    const result = await actions.run('audit.verify', 'audit.verify', {}, { what: t.verify });
    if (result?.ok) setVerdict(result.value);
  }
  const buttons = (
    <>
      <ActionButton action="audit.verify" onClick={() => void verify()}>
        {t.verify}
      </ActionButton>
      <ActionButton action="audit.export" onClick={() => setExporting(true)}>
        {t.export}
      </ActionButton>
    </>
  );
  return (
    <Page title={en.screens.audit} lead={t.lead} actions={buttons}>
      {verdict && <Verdict verdict={verdict} />}
      {exporting && <Export onClose={() => setExporting(false)} />}
      <Records />
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
          t.verified(verdict.records, verdict.checkpoints)
        ) : (
          <SafeText text={verdict.message} />
        )}
        {verdict.verdict !== 'ok' && verdict.firstBadSeq !== null && ` ${t.firstBad(verdict.firstBadSeq)}`}
      </p>
    </div>
  );
}

function Records() {
  const grown = useHostState((state) => state.audit.records);
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  // The first page follows the log; an older page stands still. Each entry is the `beforeSeq` of one page.
  const [older, setOlder] = useState<readonly number[]>([]);
  const beforeSeq = older.at(-1);
  const answer = useQuery(
    'audit.tail',
    { limit: PAGE, ...(search !== '' && { search }), ...(beforeSeq !== undefined && { beforeSeq }) },
    beforeSeq === undefined ? grown : 0,
  );
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setSearch(typed.trim());
      setOlder([]);
    }, 250);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return (
    <Card flush>
      <div className="log-bar">
        <TextInput
          aria-label={t.search}
          placeholder={t.search}
          leftSection={<Icon name="search" />}
          maxLength={256}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <Answer query={answer}>
        {({ records, total }) =>
          records.length === 0 ? (
            <Empty icon="audit">{search === '' ? t.empty : t.noMatch}</Empty>
          ) : (
            <>
              <RecordTable records={records} />
              <div className="pager">
                <ActionButton
                  action="audit.newer"
                  disabled={older.length === 0}
                  onClick={() => setOlder(older.slice(0, -1))}
                >
                  {t.newer}
                </ActionButton>
                <span className="muted">{t.shown(records.length, total)}</span>
                <ActionButton
                  action="audit.older"
                  disabled={records.length < PAGE}
                  onClick={() => setOlder([...older, Math.min(...records.map((record) => record.seq))])}
                >
                  {t.older}
                </ActionButton>
              </div>
            </>
          )
        }
      </Answer>
    </Card>
  );
}

function RecordTable({ records }: { records: readonly AuditRecord[] }) {
  const now = useNow();
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{t.seq}</th>
          <th>{t.at}</th>
          <th>{t.actor}</th>
          <th>{t.type}</th>
          <th>{t.object}</th>
          <th>{t.facts}</th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <tr key={record.seq}>
            <td className="numeric">{record.seq}</td>
            <td className="numeric">{when(record.at, now)}</td>
            <td>
              <SafeText text={record.actor} />
            </td>
            <td>
              <code>{record.type}</code>
            </td>
            <td className="cell-clip">
              <SafeText text={record.object} />
            </td>
            <td className="cell-clip muted">
              <SafeText
                text={Object.entries(record.facts)
                  .map(([name, value]) => `${name}=${String(value)}`)
                  .join('  ')}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Export({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState('');
  const { actions } = useHost();
  async function write(): Promise<void> {
    const result = await actions.run(
      'audit.export',
      'audit.export',
      { file: file.trim() },
      { what: t.export },
    );
    if (!result?.ok) return;
    actions.say(
      'done',
      t.exported(result.value.records),
      `${result.value.file} · SHA-256 ${result.value.sha256}`,
    );
    onClose();
  }
  return (
    <Dialog title={t.export} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void write();
        }}
      >
        <p>{t.exportMeans}</p>
        <TextInput
          label={t.file}
          placeholder={t.fileExample}
          autoFocus
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
