import { useState } from 'react';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { when } from '../../ui/format.ts';
import { deviceMark } from '../../ui/marks.ts';
import { ActionButton } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { TableCard } from '../../ui/table-card.tsx';
import { useNow } from '../../ui/use-now.ts';
import { deviceActions, type Admitted } from './device-rights.ts';
import { RenameDevice } from './rename-device.tsx';
import { ScopeDialog } from './scope-dialog.tsx';

const t = en.devices;

export function DeviceTable({ devices }: { devices: readonly Admitted[] }) {
  const now = useNow();
  return (
    <TableCard columns={[t.state, t.name, t.scope, t.fingerprint, t.paired, t.lastSeen]}>
      {devices.map((device) => (
        <tr key={device.id}>
          <td>
            <StateMark mark={deviceMark(device)} />
            {device.state === 'idle' && <p className="muted">{t.idleMeans}</p>}
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
          <td className="numeric">{when(device.pairedAt, now)}</td>
          <td className="numeric">
            {'lastSeenAt' in device && device.lastSeenAt !== null ? when(device.lastSeenAt, now) : '–'}
          </td>
          <td className="cell-actions">
            <DeviceButtons device={device} />
          </td>
        </tr>
      ))}
    </TableCard>
  );
}

function DeviceButtons({ device }: { device: Admitted }) {
  const [asking, setAsking] = useState<'scope' | 'rename' | 'revoke' | null>(null);
  const close = () => setAsking(null);
  return (
    <div className="buttons">
      {deviceActions(device).map((deed) => (
        <ActionButton
          key={deed}
          action={`device.${device.id}`}
          color={deed === 'revoke' ? 'danger' : 'accent'}
          label={`${t.deeds[deed]} ${device.name}`}
          onClick={() => setAsking(deed)}
        >
          {t.deeds[deed]}
        </ActionButton>
      ))}
      {asking === 'scope' && <ScopeDialog device={device} onClose={close} />}
      {asking === 'rename' && <RenameDevice device={device} onClose={close} />}
      {asking === 'revoke' && <RevokeDevice device={device} onClose={close} />}
    </div>
  );
}

function RevokeDevice({ device, onClose }: { device: Admitted; onClose: () => void }) {
  const { actions } = useHost();
  const revoke = () =>
    void actions.run(
      `device.${device.id}`,
      'identity.revokeDevice',
      { deviceId: device.id },
      { what: t.deeds.revoke, done: t.revoked(device.name) },
    );
  return (
    <Confirm
      title={t.revokeTitle(device.name)}
      action={t.deeds.revoke}
      danger
      onClose={onClose}
      onConfirm={revoke}
    >
      <p>{t.revokeLead}</p>
      <ul>
        {t.revokeFollows.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Confirm>
  );
}
