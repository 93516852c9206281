import { useState } from 'react';
import type { Approval } from '../../../contract/approvals.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { countdown, remaining } from '../../ui/format.ts';
import { riskMark } from '../../ui/marks.ts';
import { ActionButton, Card, Empty } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ApprovalCard } from './approval-card.tsx';
import { openApproval, pendingApprovals } from './approval-list.ts';
import { fitsBatch, groupsOf } from './similar.ts';

const t = en.approvals;

/** What waits: the list with what is alike together, the open card, and answers to several at once. */
export function Queue({ item }: { item: string | null }) {
  const approvals = useHostState((state) => state.approvals);
  const open = openApproval(approvals, item);
  // The card that is open without being chosen stays open when a graver one arrives.
  const [held, setHeld] = useState<string | null>(null);
  const shown =
    openApproval(approvals, item ?? (held !== null && approvals[held]?.state === 'pending' ? held : null)) ??
    open;
  if (item === null && shown && shown.id !== held) setHeld(shown.id);
  const pending = pendingApprovals(approvals);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const selected = pending.filter((approval) => chosen.has(approval.id));
  if (!shown) return <Empty icon="check">{t.empty}</Empty>;
  const choose = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids)
      if (on) next.add(id);
      else next.delete(id);
    setChosen(next);
  };
  return (
    <div className="split">
      <div className="stack">
        {selected.length > 0 && <Batch selected={selected} onDone={() => setChosen(new Set())} />}
        <Rows approvals={pending} current={shown.id} chosen={chosen} choose={choose} />
      </div>
      <ApprovalCard key={shown.id} approval={shown} />
    </div>
  );
}

interface RowsProps {
  approvals: readonly Approval[];
  current: string;
  chosen: ReadonlySet<string>;
  choose(ids: readonly string[], on: boolean): void;
}

function Rows({ approvals, current, chosen, choose }: RowsProps) {
  if (approvals.length === 0) {
    return (
      <Card flush>
        <Empty icon="check">{t.empty}</Empty>
      </Card>
    );
  }
  return (
    <Card flush>
      <ul className="lines lines-tall" aria-label={t.queue}>
        {groupsOf(approvals).flatMap((group) => [
          ...(group.approvals.length > 1
            ? [
                <li key={group.key} className="group-line">
                  <Choose
                    label={t.chooseGroup(group.approvals.length)}
                    ids={group.approvals.map((one) => one.id)}
                    chosen={chosen}
                    choose={choose}
                  />
                  <span className="muted">{t.alike(group.approvals.length)}</span>
                </li>,
              ]
            : []),
          ...group.approvals.map((approval) => (
            <Row key={approval.id} {...{ approval, current, chosen, choose }} />
          )),
        ])}
      </ul>
    </Card>
  );
}

function Row({ approval, current, chosen, choose }: Omit<RowsProps, 'approvals'> & { approval: Approval }) {
  const now = useNow();
  return (
    <li className="choosable">
      <Choose label={t.choose(approval.title)} ids={[approval.id]} chosen={chosen} choose={choose} />
      <a href={hrefOf('approvals', approval.id)} aria-current={approval.id === current ? 'true' : undefined}>
        <span className="line-top">
          <StateMark mark={riskMark(approval.risk)} />
          <span className="muted">
            {approval.askers > 1 && `×${approval.askers} · `}
            {en.overview.left(countdown(remaining(approval.createdAt, approval.expiresAt, now)))}
          </span>
        </span>
        <span className="line-title">
          <SafeText text={approval.title} />
        </span>
      </a>
    </li>
  );
}

function Choose({
  label,
  ids,
  chosen,
  choose,
}: Pick<RowsProps, 'chosen' | 'choose'> & { label: string; ids: readonly string[] }) {
  const all = ids.every((id) => chosen.has(id));
  return <input type="checkbox" aria-label={label} checked={all} onChange={() => choose(ids, !all)} />;
}

/** Answers to all that are chosen; what must be looked at on its own is left out of a yes, and that is said. */
function Batch({ selected, onDone }: { selected: readonly Approval[]; onDone(): void }) {
  const { actions } = useHost();
  const [asking, setAsking] = useState(false);
  const allowed = selected.filter(fitsBatch);
  const send = async (decision: 'allow' | 'deny', approvals: readonly Approval[]) => {
    const answers = approvals.map(({ id, actionHash }) => ({ approvalId: id, actionHash }));
    const input = { decision, answers: answers.slice(0, 50) };
    const sent = await actions.run('approvals.batch', 'approvals.decideMany', input, { what: t.batchWhat });
    if (!sent?.ok) return;
    const { results } = sent.value;
    const failed = results.flatMap((one) => (one.ok ? [] : [one.error.message]));
    actions.say(
      failed.length === 0 ? 'done' : 'failed',
      t.batchDone(results.length - failed.length, results.length),
      failed[0],
    );
    onDone();
  };
  return (
    <section className="card batch" aria-label={t.batch}>
      <p>
        {t.chosen(selected.length)}
        {allowed.length < selected.length && (
          <span className="muted"> {t.notInBatch(selected.length - allowed.length)}</span>
        )}
      </p>
      <div className="buttons">
        <ActionButton action="approvals.batch" color="danger" onClick={() => void send('deny', selected)}>
          {t.denyAll(selected.length)}
        </ActionButton>
        <ActionButton
          action="approvals.batch"
          variant="filled"
          disabled={allowed.length === 0}
          onClick={() => setAsking(true)}
        >
          {t.allowAll(allowed.length)}
        </ActionButton>
      </div>
      {asking && (
        <Confirm
          title={t.allowAll(allowed.length)}
          action={t.allowAll(allowed.length)}
          onClose={() => setAsking(false)}
          onConfirm={() => void send('allow', allowed)}
        >
          <ul className="plain-list">
            {allowed.map((approval) => (
              <li key={approval.id}>
                <SafeText text={approval.title} />
              </li>
            ))}
          </ul>
        </Confirm>
      )}
    </section>
  );
}
