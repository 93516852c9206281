import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AllowedSecret, SecretHit } from '../../../contract/secrets.ts';
import { useHost, useHostState, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { when } from '../../ui/format.ts';
import { ActionButton, Answer, Card, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useNow } from '../../ui/use-now.ts';

const t = en.settings.secrets;
const DAYS = ['1', '7', '30', '90', '365'];
const EVERYWHERE = '';

/** What the outbound gate held back, by tag, and the values that are let through all the same. */
export function Secrets() {
  const [version, setVersion] = useState(0);
  const again = () => setVersion((before) => before + 1);
  const secrets = useQuery('secrets.list', {}, version);
  return (
    <Card
      title={t.title}
      actions={
        <ActionButton action="secrets" onClick={again}>
          {t.lookAgain}
        </ActionButton>
      }
    >
      <p className="muted">{t.lead}</p>
      <Answer query={secrets} onRetry={again}>
        {({ hits, allowed }) => (
          <>
            {hits.length === 0 ? <Empty icon="check">{t.none}</Empty> : <Hits hits={hits} changed={again} />}
            {allowed.length > 0 && <Allowed allowed={allowed} changed={again} />}
          </>
        )}
      </Answer>
    </Card>
  );
}

function Hits({ hits, changed }: { hits: readonly SecretHit[]; changed(): void }) {
  const now = useNow();
  const [asking, setAsking] = useState<SecretHit | null>(null);
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            {[t.tag, t.kind, t.count, t.where, t.last].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{en.common.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => (
            <tr key={hit.tag}>
              <td>
                <code>#{hit.tag}</code>
              </td>
              <td>
                <SafeText text={hit.kind} />
              </td>
              <td className="numeric">{hit.count}</td>
              <td>
                <SafeText text={hit.where} />
              </td>
              <td>{when(hit.lastAt, now)}</td>
              <td className="cell-actions">
                <ActionButton
                  action={`secret.${hit.tag}`}
                  label={t.allowTag(hit.tag)}
                  onClick={() => setAsking(hit)}
                >
                  {t.allow}
                </ActionButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asking !== null && <AskToAllow hit={asking} onClose={() => setAsking(null)} changed={changed} />}
    </>
  );
}

function AskToAllow({ hit, onClose, changed }: { hit: SecretHit; onClose(): void; changed(): void }) {
  const { actions } = useHost();
  const workspaces = useHostState((state) => state.workspaces);
  const [days, setDays] = useState('30');
  const [workspaceId, setWorkspaceId] = useState(EVERYWHERE);
  const [note, setNote] = useState('');
  const places = Object.values(workspaces);
  async function allow(): Promise<void> {
    const place = places.find(({ id }) => id === workspaceId)?.id ?? null;
    const input = { tag: hit.tag, workspaceId: place, days: Number(days), note };
    await actions.run(`secret.${hit.tag}`, 'secrets.allow', input, { what: t.allow, done: t.allowedDone });
    changed();
  }
  return (
    <Confirm
      title={t.allowTitle(hit.tag)}
      action={t.allow}
      danger
      onClose={onClose}
      onConfirm={() => void allow()}
    >
      <p>{t.allowMeans(hit.kind)}</p>
      <NativeSelect
        label={t.days}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        data={DAYS}
      />
      <NativeSelect
        label={t.place}
        value={workspaceId}
        onChange={(event) => setWorkspaceId(event.currentTarget.value)}
        data={[
          { value: EVERYWHERE, label: t.everywhere },
          ...places.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <TextInput
        label={t.note}
        maxLength={128}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </Confirm>
  );
}

function Allowed({ allowed, changed }: { allowed: readonly AllowedSecret[]; changed(): void }) {
  const now = useNow();
  const { actions } = useHost();
  const workspaces = useHostState((state) => state.workspaces);
  async function forget(tag: string): Promise<void> {
    await actions.run(`secret.${tag}`, 'secrets.forget', { tag }, { what: t.forget, done: t.forgotten });
    changed();
  }
  return (
    <>
      <h3>{t.allowed}</h3>
      <table className="table">
        <tbody>
          {allowed.map((one) => (
            <tr key={`${one.tag} ${one.workspaceId ?? ''}`}>
              <td>
                <code>#{one.tag}</code>
              </td>
              <td>
                <SafeText text={one.kind} />
              </td>
              <td>
                {one.workspaceId === null ? (
                  t.everywhere
                ) : (
                  <SafeText text={workspaces[one.workspaceId]?.name ?? one.workspaceId} />
                )}
              </td>
              <td>
                <SafeText text={one.note} />
              </td>
              <td>{t.until(when(one.expiresAt, now))}</td>
              <td className="cell-actions">
                <ActionButton
                  action={`secret.${one.tag}`}
                  label={t.forgetTag(one.tag)}
                  onClick={() => void forget(one.tag)}
                >
                  {t.forget}
                </ActionButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
