import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { countdown, remaining, spacedCode } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { deviceMark } from '../../ui/marks.ts';
import { ActionButton } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import type { PendingDevice as Pending } from './pairing-step.ts';

const t = en.devices;

/** A device that asks to be admitted, or to come back, and the code that the owner compares. */
export function PendingDevice({ device }: { device: Pending }) {
  const { actions } = useHost();
  const now = useNow();
  const key = `device.${device.id}`;
  const words = t.purposes[device.purpose];
  const left = remaining(device.requestedAt, device.expiresAt, now);
  const approve = () =>
    void actions.run(
      key,
      'identity.approveDevice',
      { deviceId: device.id, code: device.checkCode },
      { what: t.approve, done: words.approved(device.name) },
    );
  const refuse = () =>
    void actions.run(
      key,
      'identity.refuseDevice',
      { deviceId: device.id },
      { what: t.refuse, done: t.refused },
    );
  return (
    <section className="card pending-device" aria-label={words.asks(device.name)}>
      <div className="stack">
        <StateMark mark={deviceMark(device)} filled />
        <h2>
          <SafeText text={device.name} /> {words.asksAfter}
        </h2>
        <p className="muted">
          <SafeText text={`${t.kinds[device.kind]} · ${device.platform}`} /> · {t.scopes[device.scope].name} ·{' '}
          <code>{device.fingerprint}</code>
        </p>
        <p>{words.compare}</p>
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
