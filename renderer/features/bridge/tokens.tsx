import { useState } from 'react';
import type { TokenInfo, TokenKind } from '../../../contract/gateway.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Card, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';

const t = en.tokens;
const marks: Record<TokenInfo['state'], Mark> = {
  active: { tone: 'ok', icon: 'check', word: t.states.active },
  expired: { tone: 'neutral', icon: 'clock', word: t.states.expired },
  revoked: { tone: 'neutral', icon: 'cross', word: t.states.revoked },
};

/** The bearer tokens of one kind of client. */
export function Tokens({ kind }: { kind: TokenKind }) {
  const table = useHostState((state) => state.tokens);
  const workspaces = useHostState((state) => state.workspaces);
  const now = useNow();
  const tokens = Object.values(table)
    .filter((token) => token.kind === kind)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return (
    <Card
      title={t.title}
      flush={tokens.length > 0}
      actions={
        <ActionButton
          action="token.form"
          onClick={() => goTo(kind === 'mcp' ? 'bridge' : 'remote', '_token')}
        >
          <Icon name="plus" /> <span className="button-word">{t.create}</span>
        </ActionButton>
      }
    >
      {tokens.length === 0 ? (
        <Empty icon="lock">{t.empty}</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>{t.state}</th>
              <th>{t.name}</th>
              <th>{t.scope}</th>
              <th>{t.workspace}</th>
              <th>{t.expires}</th>
              <th>{t.lastUsed}</th>
              <th>
                <span className="visually-hidden">{en.common.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <tr key={token.id}>
                <td>
                  <StateMark mark={marks[token.state]} />
                </td>
                <td>
                  <SafeText text={token.name} />
                </td>
                <td>{t.scopes[token.scope]}</td>
                <td>
                  <SafeText
                    text={
                      token.workspaceId === null
                        ? t.anyWorkspace
                        : (workspaces[token.workspaceId]?.name ?? token.workspaceId)
                    }
                  />
                </td>
                <td className="numeric">{token.expiresAt === null ? t.never : when(token.expiresAt, now)}</td>
                <td className="numeric">
                  {token.lastUsedAt === null ? t.never : when(token.lastUsedAt, now)}
                </td>
                <td className="cell-actions">{token.state === 'active' && <Revoke token={token} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Revoke({ token }: { token: TokenInfo }) {
  const { actions } = useHost();
  const [asking, setAsking] = useState(false);
  const key = `token.${token.id}`;
  return (
    <>
      <ActionButton
        action={key}
        color="danger"
        label={`${t.revoke} ${token.name}`}
        onClick={() => setAsking(true)}
      >
        {t.revoke}
      </ActionButton>
      {asking && (
        <Confirm
          title={t.revokeTitle(token.name)}
          action={t.revoke}
          danger
          onClose={() => setAsking(false)}
          onConfirm={() =>
            void actions.run(
              key,
              'gateway.revokeToken',
              { tokenId: token.id },
              { what: t.revoke, done: t.revoked },
            )
          }
        >
          <p>{t.revokeMeans}</p>
        </Confirm>
      )}
    </>
  );
}
