import { useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Empty, Page } from '../../ui/parts.tsx';
import { Passkeys } from '../presence/passkeys.tsx';
import { DeviceTable } from './device-table.tsx';
import { PairPhone } from './pair-phone.tsx';
import { pendingDevices } from './pairing-step.ts';
import { PendingDevice } from './pending-device.tsx';
import { RotateKeys } from './rotate-keys.tsx';
import { admittedDevices } from './device-rights.ts';

const t = en.devices;

/** Who may come in: those that ask first, then those that are paired, then those that were. */
export default function Devices({ item }: { item: string | null }) {
  const table = useHostState((state) => state.devices);
  const pending = pendingDevices(table, item === '_pair').onPage;
  const admitted = admittedDevices(table);
  const actions = (
    <>
      {admitted.some(({ kind }) => kind === 'phone') && <RotateKeys />}
      <ActionButton action="device.form" variant="filled" onClick={() => goTo('devices', '_pair')}>
        <Icon name="plus" /> <span className="button-word">{t.pair}</span>
      </ActionButton>
    </>
  );
  return (
    <Page title={en.screens.devices} lead={t.lead} actions={actions}>
      {item === '_pair' && <PairPhone onClose={() => goTo('devices')} />}
      {pending.map((device) => (
        <PendingDevice key={device.id} device={device} />
      ))}
      {admitted.length === 0 ? <Empty icon="devices">{t.empty}</Empty> : <DeviceTable devices={admitted} />}
      <Passkeys />
    </Page>
  );
}
