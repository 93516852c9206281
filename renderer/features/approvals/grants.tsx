import { useHost, useHostState } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { en } from '../../texts/en.ts';
import { when } from '../../ui/format.ts';
import { ActionButton, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { conditionWords } from './condition-words.ts';
import { TableCard } from '../../ui/table-card.tsx';

const t = en.approvals;

/** Remembered answers: what no longer asks, and how to have it ask again. */
export function Grants() {
  const grants = useHostState((state) => state.grants);
  const { actions } = useHost();
  const now = useNow();
  const all = Object.values(grants);
  if (all.length === 0) return <Empty icon="lock">{t.noGrants}</Empty>;
  return (
    <TableCard columns={[t.scope, t.covers, t.by, t.until, t.usesLeft]}>
      {all.map((grant) => (
        <tr key={grant.id}>
          <td>{t.grantScopes[grant.scope]}</td>
          <td>
            <ul className="plain-list">
              {conditionWords(grant.when).map((words, i) => (
                <li key={i}>
                  <SafeText text={words} />
                </li>
              ))}
            </ul>
          </td>
          <td>
            <Principal of={grant.grantedBy} />
          </td>
          <td className="numeric">{when(grant.expiresAt, now)}</td>
          <td className="numeric">{grant.usesLeft}</td>
          <td className="cell-actions">
            <ActionButton
              action={`grant.${grant.id}`}
              color="danger"
              onClick={() =>
                void actions.run(
                  `grant.${grant.id}`,
                  'approvals.revokeGrant',
                  { grantId: grant.id },
                  { what: t.revokeGrant, done: t.grantRevoked },
                )
              }
            >
              {t.revokeGrant}
            </ActionButton>
          </td>
        </tr>
      ))}
    </TableCard>
  );
}
