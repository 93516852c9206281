import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { InputOf } from '../../../contract/commands.ts';
import type { TokenKind, TokenScope } from '../../../contract/gateway.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, CopyLine } from '../../ui/parts.tsx';

const t = en.tokens;
const SCOPES: readonly TokenScope[] = ['read', 'write', 'exec'];
const DAYS = ['7', '30', '90'] as const;

interface TokenDraft {
  readonly name: string;
  readonly scope: TokenScope;
  /** Id of a workspace; empty for all of them. */
  readonly workspace: string;
  readonly days: (typeof DAYS)[number];
}

const emptyDraft: TokenDraft = { name: '', scope: 'read', workspace: '', days: '30' };

function inputOf(
  { name, scope, workspace, days }: TokenDraft,
  kind: TokenKind,
): InputOf<'gateway.createToken'> {
  return {
    kind,
    name: name.trim(),
    scope,
    expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
    ...(workspace !== '' && { workspace }),
  };
}

/** Makes one token and shows it once; it is held here only while the dialog is open. */
export function NewToken({ onClose, kind = 'mcp' }: { onClose: () => void; kind?: TokenKind }) {
  const [draft, setDraft] = useState(emptyDraft);
  const [token, setToken] = useState<string | null>(null);
  const { actions } = useHost();
  async function create(): Promise<void> {
    const input = inputOf(draft, kind);
    const result = await actions.run('token.create', 'gateway.createToken', input, { what: t.create });
    if (result?.ok) setToken(result.value.token);
  }
  if (token !== null) {
    return (
      <Dialog title={t.made} onClose={onClose} wide>
        <div className="stack">
          <p>{t.shownOnce}</p>
          <CopyLine text={token} what={t.token} />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t.create} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <DraftFields draft={draft} onChange={setDraft} />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton
            action="token.create"
            variant="filled"
            disabled={draft.name.trim() === ''}
            onClick={() => void create()}
          >
            {t.create}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

function DraftFields({ draft, onChange }: { draft: TokenDraft; onChange: (draft: TokenDraft) => void }) {
  const workspaces = useHostState((state) => state.workspaces);
  const set = (change: Partial<TokenDraft>) => onChange({ ...draft, ...change });
  return (
    <>
      <TextInput
        label={t.name}
        description={t.nameHint}
        data-autofocus
        required
        maxLength={64}
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <NativeSelect
        label={t.scope}
        value={draft.scope}
        onChange={(event) =>
          set({ scope: SCOPES.find((known) => known === event.currentTarget.value) ?? 'read' })
        }
        data={SCOPES.map((value) => ({ value, label: t.scopes[value] }))}
      />
      <NativeSelect
        label={t.workspace}
        value={draft.workspace}
        onChange={(event) => set({ workspace: event.currentTarget.value })}
        data={[
          { value: '', label: t.anyWorkspace },
          ...Object.values(workspaces).map((each) => ({ value: each.id, label: each.name })),
        ]}
      />
      <NativeSelect
        label={t.expires}
        value={draft.days}
        onChange={(event) => set({ days: DAYS.find((known) => known === event.currentTarget.value) ?? '30' })}
        data={DAYS.map((value) => ({ value, label: t.inDays(value) }))}
      />
    </>
  );
}
