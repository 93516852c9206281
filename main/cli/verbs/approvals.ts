import type { Command } from 'commander';
import type { ApprovalDecision, ApprovalScope } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import { visibleText } from '../../../contract/visible-text.ts';
import { approvalText, needText } from '../approval-text.ts';
import type { Cli, Verbs } from '../cli.ts';
import { Failure } from '../failure.ts';
import { table } from '../plain-text.ts';

/** Answers to what agents ask. */
export function addApprovalVerbs(program: Command, { verb, group }: Verbs): void {
  const approvals = group(program, 'approvals', 'what agents ask leave for');
  verb(approvals, 'list', 'pending first', async (cli) => {
    const answer = await cli.call('approvals.list', {});
    const rows = answer.approvals.map((one) => [
      one.id,
      one.state,
      String(one.risk),
      one.expiresAt,
      one.state === 'pending' ? needText(one) : '',
      visibleText(one.title),
    ]);
    cli.answer(
      answer,
      rows.length === 0
        ? 'nothing was asked'
        : table(['ID', 'STATE', 'RISK', 'EXPIRES', 'NEEDS', 'WHAT'], rows),
    );
  });
  verb(approvals, 'show <id>', 'everything about one: what, why, and the content', async (cli, [id = '']) => {
    const { approval, detail } = await cli.call('approvals.detail', { approvalId: id });
    cli.answer({ ...approval, detail }, approvalText(approval, detail));
  });
  verb<{ for?: ApprovalScope }>(
    approvals,
    'allow <id...>',
    'let it happen; what is long or hides something must be read with `show` first',
    (cli, ids, options) => decideAll(cli, ids, 'allow', { scope: options.for ?? 'once' }),
    (command) =>
      command.addOption(
        command
          .createOption('--for <scope>', 'how long the answer holds')
          .choices(['once', 'session', 'always']),
      ),
  );
  verb<{ reason?: string }>(
    approvals,
    'deny <id...>',
    'let it not happen',
    (cli, ids, { reason }) => decideAll(cli, ids, 'deny', reason === undefined ? {} : { reason }),
    (command) => command.option('--reason <text>', 'what the agent is told'),
  );
}

/**
 * Each answer stands for itself: one that is refused keeps none of the others from being given, and is told at the end.
 */
async function decideAll(
  cli: Cli,
  ids: readonly string[],
  decision: ApprovalDecision,
  more: { scope?: ApprovalScope; reason?: string },
): Promise<void> {
  const decided: Approval[] = [];
  const failed: Failure[] = [];
  for (const id of new Set(ids)) {
    try {
      decided.push(await decide(cli, id, decision, more));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed.push(error);
    }
  }
  const text = decided.map((one) => `${visibleText(one.title)}: ${outcome(one)}`).join('\n');
  const [only] = decided;
  if (ids.length === 1 && only) cli.answer(only, text);
  else if (decided.length > 0) cli.answer({ approvals: decided }, text);
  const [first, ...others] = failed;
  for (const failure of others) cli.note(failure.message);
  if (first) throw first;
}

function outcome(approval: Approval): string {
  return approval.state === 'pending' ? needText(approval) : approval.state;
}

/**
 * The host takes an answer only for the action that is asked for, so its hash is sent back. It is taken from the list,
 * which shows no content: that counts as read only where `show` has printed it.
 */
async function decide(
  cli: Cli,
  id: string,
  decision: ApprovalDecision,
  more: { scope?: ApprovalScope; reason?: string },
): Promise<Approval> {
  const { approvals } = await cli.call('approvals.list', { limit: 500 });
  const approval = approvals.find((one) => one.id === id);
  if (!approval) throw new Failure('not_found', `there is no approval ${id}`);
  const { id: approvalId, actionHash } = approval;
  return cli
    .call('approvals.decide', { approvalId, actionHash, decision, ...more })
    .catch((error: unknown) => {
      if (!(error instanceof Failure) || error.data?.['mustOpen'] !== true) throw error;
      throw new Failure(error.code, `${error.message} (\`signalbox approvals show ${id}\`)`, error.data);
    });
}
