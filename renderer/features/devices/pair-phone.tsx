import { SegmentedControl } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { OutputOf } from '../../../contract/commands.ts';
import type { DeviceScope } from '../../../contract/identity.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { countdown } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, CopyLine } from '../../ui/parts.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { useNow } from '../../ui/use-now.ts';
import { SCOPES } from './device-rights.ts';
import { PendingDevice } from './pending-device.tsx';
import { PAIRING_CODE_MS, pairingStep, pendingDevices } from './pairing-step.ts';

const t = en.devices;
type Made = OutputOf<'identity.createInvitation'>;

/** Makes a code, shows it as long as it is good, and ends it when the dialog is closed. */
export function PairPhone({ onClose }: { onClose: () => void }) {
  const [scope, setScope] = useState<DeviceScope>('approve');
  const [made, setMade] = useState<Made | null>(null);
  const invitation = useHostState((state) => state.invitation);
  const devices = useHostState((state) => state.devices);
  const { actions, client } = useHost();
  const now = useNow();
  const pending = pendingDevices(devices, true).inDialog;
  const step = pairingStep(made, invitation, pending.length > 0, now);
  const isOpen = useRef(false);
  useEffect(() => {
    isOpen.current = step === 'open';
  }, [step]);
  // Only when the dialog goes: a code that was used belongs to a phone that is still being admitted.
  useEffect(
    () => () => {
      if (isOpen.current) void client.call('identity.cancelInvitation', {});
    },
    [client],
  );

  async function make(): Promise<void> {
    const result = await actions.run(
      'invitation',
      'identity.createInvitation',
      { scope },
      { what: t.makeCode },
    );
    if (result?.ok) setMade(result.value);
  }
  return (
    <Dialog title={t.pair} onClose={onClose} wide>
      {pending.map((device) => (
        <PendingDevice key={device.id} device={device} />
      ))}
      {step === 'choose' && (
        <div className="stack">
          <p>{t.pairLead}</p>
          <div className="field">
            <span className="field-label">{t.scope}</span>
            <SegmentedControl
              aria-label={t.scope}
              value={scope}
              onChange={(value) => setScope(SCOPES.find((known) => known === value) ?? 'approve')}
              data={SCOPES.map((value) => ({ value, label: t.scopes[value].name }))}
            />
            <p className="muted">{t.scopes[scope].means}</p>
          </div>
          <div className="buttons">
            <span className="spacer" />
            <ActionButton action="invitation" variant="filled" onClick={() => void make()}>
              {t.makeCode}
            </ActionButton>
          </div>
        </div>
      )}
      {(step === 'used' || step === 'expired') && (
        <div className="stack">
          <p role="status">
            <Icon name={step === 'used' ? 'check' : 'clock'} /> {step === 'used' ? t.codeUsed : t.codeExpired}
          </p>
          <div className="buttons">
            <ActionButton action="invitation" onClick={() => void make()}>
              {t.newCode}
            </ActionButton>
          </div>
        </div>
      )}
      {step === 'open' && made && (
        <OpenCode
          made={made}
          leftMs={Math.min(PAIRING_CODE_MS, Date.parse(made.expiresAt) - now)}
          means={t.scopes[scope].means}
        />
      )}
    </Dialog>
  );
}

function OpenCode({ made, leftMs, means }: { made: Made; leftMs: number; means: string }) {
  return (
    <div className="pairing">
      <QrCode text={made.text} label={t.qr} testId="pairing-qr" />
      <div className="stack">
        <ol className="steps">
          {t.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <p className="countdown" role="timer" aria-label={t.timeLeft}>
          <Icon name="clock" /> {countdown(leftMs)}
        </p>
        <p className="muted">{means}</p>
        <CopyLine text={made.link} what={t.link} />
        <p className="muted">{t.secret}</p>
      </div>
    </div>
  );
}
