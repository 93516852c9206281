import { useState } from 'react';
import type { Action, ApprovalScope } from '../../../contract/action.ts';
import type { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import { useHost, useHostState, useQuery } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { diffModel } from '../../ui/diff-model.ts';
import { DiffView } from '../../ui/diff-view.tsx';
import { bytes, countdown, remaining, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { approvalMark, riskMark } from '../../ui/marks.ts';
import { ActionButton, Answer, Argv, Card, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';

const t = en.approvals;

/** One approval as the host understands it. The agent's own words come last and are marked as such. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const detail = useQuery('approvals.detail', { approvalId: approval.id });
  const now = useNow();
  const { action } = approval;
  return (
    <article className="card approval" aria-label={t.card(approval.title)}>
      <header className="approval-head">
        <StateMark mark={riskMark(approval.risk)} filled />
        {approval.state === 'pending' ? (
          <span className="countdown" role="timer" aria-label={t.timeLeft}>
            <Icon name="clock" /> {countdown(remaining(approval.createdAt, approval.expiresAt, now))}
          </span>
        ) : (
          <StateMark mark={approvalMark(approval.state)} filled />
        )}
      </header>
      <h2 className="approval-title">
        <SafeText text={approval.title} />
      </h2>
      <ActionFacts action={action} approval={approval} />
      <Answer query={detail}>{(value) => <Content approval={approval} detail={value.detail} />}</Answer>
      {approval.state === 'pending' ? (
        <Decide approval={approval} expired={Date.parse(approval.expiresAt) <= now} />
      ) : (
        <Outcome approval={approval} now={now} />
      )}
    </article>
  );
}

function ActionFacts({ action, approval }: { action: Action; approval: Approval }) {
  const workspace = useHostState((state) =>
    action.workspaceId === null ? undefined : state.workspaces[action.workspaceId],
  );
  return (
    <>
      {action.exec && <Argv argv={action.exec.argv} />}
      <Facts
        rows={[
          [t.kind, en.actionKinds[action.kind]],
          ...(action.exec
            ? [
                [t.sandbox, en.sandboxes[action.exec.sandbox]] as const,
                [
                  t.folder,
                  <code key="cwd">
                    <SafeText text={action.exec.cwd} />
                  </code>,
                ] as const,
              ]
            : []),
          ...(action.exec && action.exec.envNames.length > 0
            ? [[t.environment, <SafeText key="env" text={action.exec.envNames.join(', ')} />] as const]
            : []),
          ...(workspace ? [[t.workspace, <SafeText key="ws" text={workspace.name} />] as const] : []),
          ...(action.tool
            ? [
                [
                  t.tool,
                  <code key="tool">
                    <SafeText text={action.tool.name} />
                  </code>,
                ] as const,
              ]
            : []),
          ...(action.paths.length > 0 ? [[t.paths, <Paths key="paths" action={action} />] as const] : []),
          [t.asker, <Principal key="who" of={action.requester} />],
          [
            t.why,
            <ul key="why" className="plain-list">
              {approval.why.map((reason, i) => (
                <li key={i}>
                  <SafeText text={reason} />
                </li>
              ))}
            </ul>,
          ],
          ...(approval.taskId === null
            ? []
            : [
                [
                  t.task,
                  <a key="task" href={hrefOf('tasks', approval.taskId)}>
                    {t.openTask}
                  </a>,
                ] as const,
              ]),
        ]}
      />
    </>
  );
}

function Paths({ action }: { action: Action }) {
  const size = new Map(action.writes.map((write) => [write.path, write.bytes]));
  return (
    <ul className="plain-list">
      {action.paths.map((path, i) => (
        <li key={i}>
          <code>
            <SafeText text={path} />
          </code>{' '}
          {size.has(path) && <span className="muted">{bytes(size.get(path) ?? 0)}</span>}
        </li>
      ))}
    </ul>
  );
}

function Content({ approval, detail }: { approval: Approval; detail: ApprovalDetail }) {
  return (
    <>
      {detail.diffs.map((diff, i) => (
        <div key={i}>
          <DiffView path={diff.path} model={diffModel(diff.oldText, diff.newText)} />
          {diff.redacted && (
            <p className="card-note" data-tone="warning">
              <Icon name="warning" /> {t.redacted}
            </p>
          )}
          {diff.truncated && (
            <p className="card-note" data-tone="warning">
              <Icon name="warning" /> {t.truncated}
            </p>
          )}
        </div>
      ))}
      {detail.agentSays !== '' && (
        <section className="agent-says" aria-label={t.agentSays}>
          <h3>{t.agentSays}</h3>
          <p>
            <SafeText text={detail.agentSays} keep={'\n'} />
          </p>
        </section>
      )}
      <p className="hash muted">
        {t.hash} <code>{approval.actionHash.slice(0, 16)}…</code>
      </p>
    </>
  );
}

function Decide({ approval, expired }: { approval: Approval; expired: boolean }) {
  const { actions } = useHost();
  const [asking, setAsking] = useState<ApprovalScope | null>(null);
  const key = `approval.${approval.id}`;
  const send = (decision: 'allow' | 'deny', scope: ApprovalScope) =>
    void actions.run(
      key,
      'approvals.decide',
      { approvalId: approval.id, actionHash: approval.actionHash, decision, scope },
      { what: t.decideWhat(approval.title), done: decision === 'allow' ? t.allowed : t.denied },
    );
  // What lasts, and what can do anything, is asked once more.
  const allow = (scope: ApprovalScope) =>
    scope === 'always' || approval.risk === 4 ? setAsking(scope) : send('allow', scope);
  return (
    <footer className="buttons approval-buttons">
      <ActionButton action={key} color="danger" disabled={expired} onClick={() => send('deny', 'once')}>
        {t.deny}
      </ActionButton>
      <span className="spacer" />
      {(['always', 'session', 'once'] as const)
        .filter((scope) => approval.scopes.includes(scope))
        .map((scope) => (
          <ActionButton
            key={scope}
            action={key}
            variant={scope === 'once' ? 'filled' : 'default'}
            disabled={expired}
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
          onConfirm={() => send('allow', asking)}
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

function Outcome({ approval, now }: { approval: Approval; now: number }) {
  if (approval.state === 'pending') return null;
  return (
    <Card>
      <Facts
        rows={[
          [t.answered, when(approval.decidedAt, now)],
          ...('decidedBy' in approval
            ? [[t.by, <Principal key="by" of={approval.decidedBy} />] as const]
            : []),
          ...('reason' in approval && approval.reason !== ''
            ? [[t.reason, <SafeText key="why" text={approval.reason} />] as const]
            : []),
        ]}
      />
    </Card>
  );
}
