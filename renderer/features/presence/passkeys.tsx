import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CallResult } from '../../../contract/client.ts';
import type { CommandName, OutputOf } from '../../../contract/commands.ts';
import type { Passkey } from '../../../contract/presence.ts';
import { useHost, useHostState, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { when } from '../../ui/format.ts';
import { ActionButton, Answer, Card, CopyLine, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { addPasskey, withRecentProof } from './ceremonies.ts';
import { ceremonyFailure } from './ceremony-failure.ts';

const t = en.passkeys;

/** How the owner proves to be there: passkeys of this page, and the code for the day on which none is at hand. */
export function Passkeys() {
  const table = useHostState((state) => state.passkeys);
  const passkeys = Object.values(table);
  const status = useQuery('presence.status', { origin: window.location.origin }, passkeys.length);
  return (
    <Card title={t.title}>
      <p className="muted">{t.lead}</p>
      <Answer query={status}>
        {({ support }) => (
          <>
            {passkeys.length === 0 ? <Empty icon="devices">{t.empty}</Empty> : <List passkeys={passkeys} />}
            {support.state === 'available' ? <Add /> : <Elsewhere why={support.message} />}
            {passkeys.length > 0 && <Recovery />}
          </>
        )}
      </Answer>
    </Card>
  );
}

/** Runs a ceremony and says what became of it; the browser's own refusal is told like the host's. */
function useCeremony() {
  const { actions } = useHost();
  return async <N extends CommandName>(
    what: string,
    run: () => Promise<CallResult<N>>,
  ): Promise<OutputOf<N> | null> => {
    try {
      const result = await run();
      if (result.ok) return result.value;
      actions.say('failed', what, result.error.message);
    } catch (error) {
      actions.say('failed', what, ceremonyFailure(error));
    }
    return null;
  };
}

function List({ passkeys }: { passkeys: readonly Passkey[] }) {
  const now = useNow();
  const { client, actions } = useHost();
  const perform = useCeremony();
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  async function remove({ id, name }: Passkey): Promise<void> {
    const done = await perform(t.removeWhat(name), () =>
      withRecentProof(client, () => client.call('presence.removePasskey', { passkeyId: id })),
    );
    if (done) actions.say('done', t.removed);
  }
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th>{t.name}</th>
            <th>{t.madeFor}</th>
            <th>{t.added}</th>
            <th>{t.lastUsed}</th>
            <th>
              <span className="visually-hidden">{en.common.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {passkeys.map((passkey) => (
            <tr key={passkey.id}>
              <td>
                <SafeText text={passkey.name} />
                {passkey.backedUp && <span className="muted"> {t.backedUp}</span>}
              </td>
              <td>
                <code>{passkey.rpId}</code>
              </td>
              <td>{when(passkey.createdAt, now)}</td>
              <td>{passkey.lastUsedAt === null ? t.never : when(passkey.lastUsedAt, now)}</td>
              <td>
                <ActionButton action={`passkey.${passkey.id}`} onClick={() => setLeaving(passkey)}>
                  {t.remove}
                </ActionButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {leaving && (
        <Confirm
          title={t.removeTitle}
          action={t.remove}
          danger
          onConfirm={() => void remove(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t.removeMeans}</p>
        </Confirm>
      )}
    </>
  );
}

function Add() {
  const { client, actions } = useHost();
  const perform = useCeremony();
  const [name, setName] = useState('');
  async function add(): Promise<void> {
    const made = await perform(t.add, () => addPasskey(client, name.trim()));
    if (!made) return;
    setName('');
    actions.say('done', t.addedNow);
  }
  return (
    <form
      className="buttons"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') void add();
      }}
    >
      <TextInput
        aria-label={t.nameNew}
        placeholder={t.nameExample}
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <ActionButton action="passkey.add" disabled={name.trim() === ''} onClick={() => void add()}>
        {t.add}
      </ActionButton>
    </form>
  );
}

/** This page has no address that a passkey can belong to: says why, and where one can be made. */
function Elsewhere({ why }: { why: string }) {
  const { actions } = useHost();
  const [url, setUrl] = useState<string | null>(null);
  async function open(): Promise<void> {
    const result = await actions.run('presence.openPage', 'presence.openPage', {}, { what: t.open });
    if (result?.ok) setUrl(result.value.url);
  }
  return (
    <div className="stack">
      <p>
        {t.notHere} <SafeText text={why} />
      </p>
      {url === null ? (
        <ActionButton action="presence.openPage" onClick={() => void open()}>
          {t.open}
        </ActionButton>
      ) : (
        <CopyLine text={url} what={t.address} />
      )}
    </div>
  );
}

function Recovery() {
  const { client } = useHost();
  const perform = useCeremony();
  const [code, setCode] = useState<string | null>(null);
  async function make(): Promise<void> {
    const made = await perform(t.recovery, () =>
      withRecentProof(client, () => client.call('presence.createRecoveryCode', {})),
    );
    if (made) setCode(made.code);
  }
  return (
    <div className="buttons">
      <ActionButton action="presence.createRecoveryCode" onClick={() => void make()}>
        {t.recovery}
      </ActionButton>
      {code !== null && (
        <Dialog title={t.recovery} onClose={() => setCode(null)}>
          <div className="stack">
            <p>{t.recoveryMeans}</p>
            <CopyLine text={code} what={t.recovery} />
          </div>
        </Dialog>
      )}
    </div>
  );
}
