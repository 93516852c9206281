import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';

const t = en.devices.keys;
const KEY = 'identity.rotateKeys';

/** New keys for this host: what happens to devices that are here, and to those that are away. */
export function RotateKeys() {
  const { actions } = useHost();
  const [isAsking, setIsAsking] = useState(false);
  const [dropOld, setDropOld] = useState(false);
  async function rotate(): Promise<void> {
    const result = await actions.run(KEY, 'identity.rotateKeys', { dropOld }, { what: t.change });
    if (!result?.ok) return;
    const { fingerprint, devicesToTell } = result.value;
    actions.say('done', t.changed(fingerprint), t.toTell(devicesToTell));
    setIsAsking(false);
  }
  return (
    <>
      <ActionButton action={KEY} onClick={() => setIsAsking(true)}>
        {t.open}
      </ActionButton>
      {isAsking && (
        <Dialog title={t.title} onClose={() => setIsAsking(false)}>
          <div className="stack">
            <p>{t.lead}</p>
            <Checkbox
              label={t.dropOld}
              description={dropOld ? t.dropped : t.kept}
              checked={dropOld}
              onChange={(event) => setDropOld(event.currentTarget.checked)}
            />
            <div className="buttons">
              <span className="spacer" />
              <ActionButton
                action={KEY}
                variant="filled"
                color={dropOld ? 'danger' : 'accent'}
                onClick={() => void rotate()}
              >
                {t.change}
              </ActionButton>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}
