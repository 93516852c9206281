import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { AuditRecord } from '../../../contract/audit.ts';
import { useHostState, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Answer, Card, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { toFilter, type FilterDraft } from './audit-filter.ts';
import { FilterFields } from './filter-fields.tsx';

const t = en.audit;
const PAGE = 100;
const TYPING_MS = 250;

/** The records that fit, newest first, a page at a time. */
export function Records({ draft, onChange }: { draft: FilterDraft; onChange: (draft: FilterDraft) => void }) {
  const grown = useHostState((state) => state.audit.records);
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState({ search: '', draft });
  // The first page follows the log; an older page stands still. Each entry is the `beforeSeq` of one page.
  const [older, setOlder] = useState<readonly number[]>([]);
  const beforeSeq = older.at(-1);
  const filter = toFilter(asked.draft);
  const answer = useQuery(
    'audit.tail',
    {
      limit: PAGE,
      ...(asked.search !== '' && { search: asked.search }),
      ...(filter !== null && { filter }),
      ...(beforeSeq !== undefined && { beforeSeq }),
    },
    beforeSeq === undefined ? grown : 0,
  );
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setAsked({ search: typed.trim(), draft });
      setOlder([]);
    }, TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, draft]);
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
      <div className="log-bar">
        <FilterFields draft={draft} onChange={onChange} />
      </div>
      <Answer query={answer}>
        {({ records, total }) =>
          records.length === 0 ? (
            <Empty icon="audit">{asked.search === '' && filter === null ? t.empty : t.noMatch}</Empty>
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
