import { TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import type { Admitted } from './device-rights.ts';

const t = en.devices;

export function RenameDevice({ device, onClose }: { device: Admitted; onClose: () => void }) {
  const { actions } = useHost();
  const [name, setName] = useState<string>(device.name);
  const key = `device.${device.id}`;
  function rename(): void {
    onClose();
    void actions.run(
      key,
      'identity.renameDevice',
      { deviceId: device.id, name: name.trim() },
      { what: t.deeds.rename, done: t.renamed },
    );
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (name.trim() !== '') rename();
  }
  return (
    <Dialog title={t.renameTitle} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label={t.name}
          data-autofocus
          required
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton action={key} variant="filled" disabled={name.trim() === ''} onClick={rename}>
            {t.deeds.rename}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
