import { useState } from 'react';
import type { ApprovalScope } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { useStepUp } from './use-step-up.ts';

const t = en.approvals;

/** The answers. A yes may take a proof that somebody is there, and having opened the content; a no takes nothing. */
export function Decide({
  approval,
  expired,
  opened,
}: {
  approval: Approval;
  expired: boolean;
  opened: boolean;
}) {
  const { actions } = useHost();
  const stepUp = useStepUp();
  const [asking, setAsking] = useState<ApprovalScope | null>(null);
  const key = `approval.${approval.id}`;
  const { id: approvalId, actionHash } = approval;
  const said = (done: string) => ({ what: t.decideWhat(approval.title), done });
  const more = approval.need.approvers - approval.votes.length > 1;
  const deny = () =>
    void actions.run(key, 'approvals.decide', { approvalId, actionHash, decision: 'deny' }, said(t.denied));
  const send = async (scope: ApprovalScope) => {
    const proven = await stepUp(approval);
    if (proven === null) return;
    const presence = proven.proof && { presence: proven.proof };
    const input = { approvalId, actionHash, decision: 'allow', scope, ...presence } as const;
    await actions.run(key, 'approvals.decide', input, said(more ? t.voted : t.allowed));
  };
  // What lasts, and what can do anything, is asked once more.
  const allow = (scope: ApprovalScope) =>
    scope === 'always' || approval.risk === 4 ? setAsking(scope) : void send(scope);
  const shut = approval.mustOpen && !opened;
  return (
    <footer className="buttons approval-buttons">
      <ActionButton action={key} color="danger" disabled={expired} onClick={deny}>
        {t.deny}
      </ActionButton>
      <span className="spacer" />
      {shut && <span className="muted">{t.openFirst}</span>}
      {(['always', 'session', 'once'] as const)
        .filter((scope) => approval.scopes.includes(scope))
        .map((scope) => (
          <ActionButton
            key={scope}
            action={key}
            variant={scope === 'once' ? 'filled' : 'default'}
            disabled={expired || shut}
            onClick={() => allow(scope)}
          >
            {t.allow[scope]}
          </ActionButton>
        ))}
      {asking !== null && (
        <Confirm
          title={t.confirmTitle[asking]}
          action={t.allow[asking]}
          danger={approval.risk === 4}
          onClose={() => setAsking(null)}
          onConfirm={() => void send(asking)}
        >
          <p>{asking === 'always' ? t.confirmAlways : t.confirmGrave}</p>
          <p className="quoted">
            <SafeText text={approval.title} />
          </p>
        </Confirm>
      )}
    </footer>
  );
}
