import { Button, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { keepDays } from './keep-days.ts';

const t = en.audit;

/** Drops whole records of old days. There is no way back, so the days are typed and never offered. */
export function PruneDialog({ onClose }: { onClose: () => void }) {
  const { actions } = useHost();
  const [typed, setTyped] = useState('');
  const days = keepDays(typed);
  async function prune(): Promise<void> {
    if (days === null) return;
    const result = await actions.run('audit.prune', 'audit.prune', { keepDays: days }, { what: t.prune });
    if (!result?.ok) return;
    actions.say('done', t.pruned(result.value.removed));
    onClose();
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    void prune();
  }
  return (
    <Dialog title={t.pruneTitle} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>{t.pruneMeans}</p>
        <TextInput
          label={t.keepDays}
          description={t.keepDaysRange}
          inputMode="numeric"
          maxLength={5}
          data-autofocus
          required
          value={typed}
          error={typed.trim() !== '' && days === null ? t.keepDaysWrong : undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <footer className="buttons">
          <Button variant="default" onClick={onClose}>
            {en.common.cancel}
          </Button>
          <ActionButton
            action="audit.prune"
            color="danger"
            variant="filled"
            disabled={days === null}
            onClick={() => void prune()}
          >
            {days === null ? t.prune : t.pruneDays(days)}
          </ActionButton>
        </footer>
      </form>
    </Dialog>
  );
}
