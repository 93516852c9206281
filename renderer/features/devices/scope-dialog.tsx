import { Radio } from '@mantine/core';
import { useState } from 'react';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { SCOPES, type Admitted } from './device-rights.ts';

const t = en.devices;

/** Lets a device do more or less. Says what each choice means, and what the change does to it. */
export function ScopeDialog({ device, onClose }: { device: Admitted; onClose: () => void }) {
  const { actions } = useHost();
  const [scope, setScope] = useState(SCOPES.find((known) => known === device.scope) ?? 'view');
  const key = `device.${device.id}`;
  function change(): void {
    onClose();
    void actions.run(
      key,
      'identity.setScope',
      { deviceId: device.id, scope },
      { what: t.deeds.scope, done: t.scopeSet(device.name, t.scopes[scope].name) },
    );
  }
  return (
    <Dialog title={t.scopeTitle(device.name)} onClose={onClose}>
      <Radio.Group
        aria-label={t.scope}
        value={scope}
        onChange={(value) => setScope(SCOPES.find((known) => known === value) ?? scope)}
      >
        <div className="stack">
          {SCOPES.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t.scopes[value].name}
              description={t.scopes[value].means}
              data-autofocus={value === scope || undefined}
            />
          ))}
        </div>
      </Radio.Group>
      <p className="muted">{t.scopeMeans}</p>
      <div className="buttons">
        <span className="spacer" />
        <ActionButton action={key} variant="filled" disabled={scope === device.scope} onClick={change}>
          {t.deeds.scope}
        </ActionButton>
      </div>
    </Dialog>
  );
}
