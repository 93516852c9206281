import { Button } from '@mantine/core';
import type { Rule } from '../../../contract/policy.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Failure } from '../../ui/parts.tsx';
import { useRuleChange } from './use-rule-change.ts';

const t = en.rules;

/** Takes a rule out of force. It stays open until the host has said yes: that may take a proof that somebody is there. */
export function RemoveRule({
  rule,
  onClose,
  onGone,
}: {
  rule: Rule;
  onClose(): void;
  /** It holds no longer. */
  onGone(): void;
}) {
  const { remove, busy, error } = useRuleChange();
  return (
    <Dialog title={t.removeTitle(rule.id)} onClose={onClose}>
      <div className="stack">
        <p>{t.removeText}</p>
        {rule.effect !== 'allow' && <p>{t.removeProof}</p>}
        {error && <Failure error={error} />}
      </div>
      <footer className="buttons">
        <Button variant="default" onClick={onClose} data-autofocus>
          {en.common.cancel}
        </Button>
        <ActionButton
          action={`rule.${rule.id}`}
          color="danger"
          variant="filled"
          disabled={busy}
          onClick={() => void remove(rule).then((done) => done && onGone())}
        >
          {t.remove}
        </ActionButton>
      </footer>
    </Dialog>
  );
}
