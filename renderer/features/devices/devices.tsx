import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Device } from '../../../contract/identity.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { countdown, remaining, spacedCode, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { deviceMark } from '../../ui/marks.ts';
import { ActionButton, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { PairPhone } from './pair-phone.tsx';
import { pendingDevices, type PendingDevice as Pending } from './pairing-step.ts';
import { TableCard } from '../../ui/table-card.tsx';

const t = en.devices;

export default function Devices({ item }: { item: string | null }) {
  const table = useHostState((state) => state.devices);
  const all = Object.values(table);
  const pending = pendingDevices(table, item === '_pair').onPage;
  const others = all
    .filter((device) => device.state !== 'pending')
    .sort((a, b) => (a.state < b.state ? -1 : 1));
  const pair = (
    <ActionButton action="device.form" variant="filled" onClick={() => goTo('devices', '_pair')}>
      <Icon name="plus" /> <span className="button-word">{t.pair}</span>
    </ActionButton>
  );
  return (
    <Page title={en.screens.devices} lead={t.lead} actions={pair}>
      {item === '_pair' && <PairPhone onClose={() => goTo('devices')} />}
      {pending.map((device) => (
        <PendingDevice key={device.id} device={device} />
      ))}
      {others.length === 0 ? <Empty icon="devices">{t.empty}</Empty> : <DeviceTable devices={others} />}
    </Page>
  );
}

export function PendingDevice({ device }: { device: Pending }) {
  const { actions } = useHost();
  const now = useNow();
  const key = `device.${device.id}`;
  const left = remaining(device.requestedAt, device.expiresAt, now);
  const approve = () =>
    void actions.run(
      key,
      'identity.approveDevice',
      { deviceId: device.id, code: device.checkCode },
      { what: t.approve, done: t.approved(device.name) },
    );
  const refuse = () =>
    void actions.run(
      key,
      'identity.refuseDevice',
      { deviceId: device.id },
      { what: t.refuse, done: t.refused },
    );
  return (
    <section className="card pending-device" aria-label={t.asks(device.name)}>
      <div className="stack">
        <StateMark mark={deviceMark(device)} filled />
        <h2>
          {t.asksBefore} <SafeText text={device.name} /> {t.asksAfter}
        </h2>
        <p className="muted">
          <SafeText text={`${t.kinds[device.kind]} · ${device.platform}`} /> · {t.scopes[device.scope].name} ·{' '}
          <code>{device.fingerprint}</code>
        </p>
        <p>{t.compare}</p>
      </div>
      <div className="stack pending-side">
        <p className="check-code" aria-label={t.code}>
          {spacedCode(device.checkCode)}
        </p>
        <p className="muted">
          <Icon name="clock" /> {countdown(left)}
        </p>
        <div className="buttons">
          <ActionButton action={key} color="danger" onClick={refuse}>
            {t.refuse}
          </ActionButton>
          <ActionButton action={key} variant="filled" disabled={left <= 0} onClick={approve}>
            {t.approve}
          </ActionButton>
        </div>
      </div>
    </section>
  );
}

function DeviceTable({ devices }: { devices: readonly Device[] }) {
  const now = useNow();
  return (
    <TableCard columns={[t.state, t.name, t.scope, t.fingerprint, t.paired, t.lastSeen]}>
      {devices.map((device) => (
        <tr key={device.id}>
          <td>
            <StateMark mark={deviceMark(device)} />
          </td>
          <td>
            <SafeText text={device.name} />
            <p className="muted">
              <SafeText text={`${t.kinds[device.kind]} · ${device.platform}`} />
            </p>
          </td>
          <td>{t.scopes[device.scope].name}</td>
          <td>
            <code>{device.fingerprint}</code>
          </td>
          <td className="numeric">{'pairedAt' in device ? when(device.pairedAt, now) : '–'}</td>
          <td className="numeric">
            {'lastSeenAt' in device && device.lastSeenAt !== null ? when(device.lastSeenAt, now) : '–'}
          </td>
          <td className="cell-actions">{device.state === 'active' && <DeviceButtons device={device} />}</td>
        </tr>
      ))}
    </TableCard>
  );
}

function DeviceButtons({ device }: { device: Device }) {
  const { actions } = useHost();
  const [asking, setAsking] = useState<'rename' | 'revoke' | null>(null);
  const [name, setName] = useState(device.name);
  const key = `device.${device.id}`;
  function rename(): void {
    setAsking(null);
    void actions.run(
      key,
      'identity.renameDevice',
      { deviceId: device.id, name: name.trim() },
      { what: t.rename, done: t.renamed },
    );
  }
  return (
    <div className="buttons">
      <ActionButton action={key} label={`${t.rename} ${device.name}`} onClick={() => setAsking('rename')}>
        {t.rename}
      </ActionButton>
      <ActionButton
        action={key}
        color="danger"
        label={`${t.revoke} ${device.name}`}
        onClick={() => setAsking('revoke')}
      >
        {t.revoke}
      </ActionButton>
      {asking === 'revoke' && (
        <Confirm
          title={t.revokeTitle(device.name)}
          action={t.revoke}
          danger
          onClose={() => setAsking(null)}
          onConfirm={() =>
            void actions.run(
              key,
              'identity.revokeDevice',
              { deviceId: device.id },
              { what: t.revoke, done: t.revoked(device.name) },
            )
          }
        >
          <p>{t.revokeMeans}</p>
        </Confirm>
      )}
      {asking === 'rename' && (
        <Dialog title={t.renameTitle} onClose={() => setAsking(null)}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              rename();
            }}
          >
            <TextInput
              label={t.name}
              autoFocus
              required
              maxLength={64}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <div className="buttons">
              <span className="spacer" />
              <ActionButton action={key} variant="filled" disabled={name.trim() === ''} onClick={rename}>
                {t.rename}
              </ActionButton>
            </div>
          </form>
        </Dialog>
      )}
    </div>
  );
}
