import type { ReactNode } from 'react';
import type { Action } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import { warningsOf, type TextWarning } from '../../../contract/visible-text.ts';
import { Principal } from '../../host/principal.tsx';
import { useHostState } from '../../host/use-host.tsx';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { bytes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Argv, Facts } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';

const t = en.approvals;

/** What will happen, in the host's terms: the command, where, with which rights, and what a yes takes. */
export function ApprovalFacts({ approval }: { approval: Approval }) {
  const { action, need } = approval;
  const workspace = useHostState((state) =>
    action.workspaceId === null ? undefined : state.workspaces[action.workspaceId],
  );
  const rows: (readonly [string, ReactNode] | null)[] = [
    [t.kind, en.actionKinds[action.kind]],
    action.exec && [t.sandbox, en.sandboxes[action.exec.sandbox]],
    action.exec && [t.folder, <Code key="cwd" text={action.exec.cwd} />],
    action.exec && action.exec.envNames.length > 0
      ? [t.environment, <SafeText key="env" text={action.exec.envNames.join(', ')} />]
      : null,
    workspace ? [t.workspace, <SafeText key="ws" text={workspace.name} />] : null,
    action.tool && [t.tool, <Code key="tool" text={action.tool.name} />],
    action.paths.length > 0 ? [t.paths, <Paths key="paths" action={action} />] : null,
    action.net.length > 0 ? [t.net, <Codes key="net" texts={action.net} />] : null,
    [t.asker, <Principal key="who" of={action.requester} />],
    approval.askers > 1 ? [t.askers, t.askersCount(approval.askers)] : null,
    [t.why, <Reasons key="why" of={approval.why} />],
    need.approvers > 1 || need.stepUp !== 'none' || need.distinctFromRequester
      ? [t.need, <Needs key="need" approval={approval} />]
      : null,
    approval.taskId === null
      ? null
      : [
          t.task,
          <a key="task" href={hrefOf('tasks', approval.taskId)}>
            {t.openTask}
          </a>,
        ],
  ];
  return (
    <>
      {action.exec && <Argv argv={action.exec.argv} />}
      <Warnings warnings={warningsOf(action)} />
      <Facts rows={rows.filter((row) => row !== null)} />
    </>
  );
}

function Warnings({ warnings }: { warnings: readonly TextWarning[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul className="approval-warnings" role="alert" aria-label={t.warnings}>
      {warnings.map((warning, i) => (
        <li key={i}>
          <Icon name="warning" />
          <span>
            {t.warning[warning.kind](t.where[warning.where])} <Code text={warning.text} />
            {warning.kind === 'lookalike' && (
              <>
                {' '}
                {t.looksLike(warning.letters)} <Code text={warning.like} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** How many have said yes, and which proof a yes takes. */
function Needs({ approval: { need, votes } }: { approval: Approval }) {
  return (
    <ul className="plain-list">
      {need.approvers > 1 && <li>{t.votes(votes.length, need.approvers)}</li>}
      {votes.map((vote) => (
        <li key={vote.by} className="muted">
          {t.votedBy} <Principal of={vote.by} />
        </li>
      ))}
      {need.stepUp !== 'none' && <li>{t.stepUp[need.stepUp]}</li>}
      {need.distinctFromRequester && <li>{t.distinct}</li>}
    </ul>
  );
}

function Reasons({ of }: { of: readonly string[] }) {
  return (
    <ul className="plain-list">
      {of.map((reason, i) => (
        <li key={i}>
          <SafeText text={reason} />
        </li>
      ))}
    </ul>
  );
}

function Codes({ texts }: { texts: readonly string[] }) {
  return (
    <ul className="plain-list">
      {texts.map((text, i) => (
        <li key={i}>
          <Code text={text} />
        </li>
      ))}
    </ul>
  );
}

function Paths({ action }: { action: Action }) {
  const size = new Map(action.writes.map((write) => [write.path, write.bytes]));
  return (
    <ul className="plain-list">
      {action.paths.map((path, i) => (
        <li key={i}>
          <Code text={path} /> {size.has(path) && <span className="muted">{bytes(size.get(path) ?? 0)}</span>}
        </li>
      ))}
    </ul>
  );
}

function Code({ text }: { text: string }) {
  return (
    <code>
      <SafeText text={text} />
    </code>
  );
}
