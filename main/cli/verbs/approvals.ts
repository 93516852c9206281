import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Action, ApprovalDecision, ApprovalScope } from '../../../contract/action.ts';
import type { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import type { ApprovalId } from '../../../contract/ids.ts';
import type { Cli, Verbs } from '../cli.ts';
import { Failure, usage } from '../failure.ts';
import { facts, plainLine, plainText, table } from '../plain-text.ts';

const MAX_FILE = 1_048_576;

/** Answers to what agents ask, and the policy that decides what is asked. */
export function addApprovalVerbs(program: Command, { verb, group }: Verbs): void {
  const approvals = group(program, 'approvals', 'what agents ask leave for');
  verb(approvals, 'list', 'pending first', async (cli) => {
    const answer = await cli.call('approvals.list', {});
    const rows = answer.approvals.map((one) => [
      one.id,
      one.state,
      String(one.risk),
      one.expiresAt,
      one.title,
    ]);
    cli.answer(
      answer,
      rows.length === 0 ? 'nothing was asked' : table(['ID', 'STATE', 'RISK', 'EXPIRES', 'WHAT'], rows),
    );
  });
  verb(approvals, 'show <id>', 'everything about one: what, why, and the content', async (cli, [id = '']) => {
    const { approval, detail } = await cli.call('approvals.detail', { approvalId: id });
    cli.answer({ ...approval, detail }, approvalText(approval, detail));
  });
  verb<{ for?: ApprovalScope }>(
    approvals,
    'allow <id>',
    'let it happen',
    (cli, [id = ''], options) => decide(cli, id, 'allow', { scope: options.for ?? 'once' }),
    (command) =>
      command.addOption(
        command
          .createOption('--for <scope>', 'how long the answer holds')
          .choices(['once', 'session', 'always']),
      ),
  );
  verb<{ reason?: string }>(
    approvals,
    'deny <id>',
    'let it not happen',
    (cli, [id = ''], { reason }) => decide(cli, id, 'deny', reason === undefined ? {} : { reason }),
    (command) => command.option('--reason <text>', 'what the agent is told'),
  );
  addPolicyVerbs(program, { verb, group });
}

function addPolicyVerbs(program: Command, { verb, group }: Verbs): void {
  const policy = group(program, 'policy', 'the rules that decide what is allowed, asked and denied');
  verb(policy, 'show', 'the rules in force, in order', async (cli) => {
    const answer = await cli.call('approvals.showPolicy', {});
    const rows = answer.rules.map((rule) => [rule.effect, rule.id, rule.note ?? JSON.stringify(rule.when)]);
    cli.answer(answer, `${table(['EFFECT', 'RULE', 'ABOUT'], rows)}\n\nsha256 ${answer.policySha256}`);
  });
  verb(
    policy,
    'check <file>',
    'whether a file of rules, or a config.yaml, can be used; needs no host',
    async (cli, [file = '']) => {
      const text = await readText(resolve(file));
      const { readRules } = await import('../rules-file.ts');
      const rules = readRules(resolve(file), text);
      cli.answer({ file: resolve(file), rules: rules.length }, `${file} is fine: ${rules.length} rules`);
    },
  );
  verb(
    policy,
    'test <action>',
    'what the policy would say to an action in a JSON file',
    async (cli, [file = '']) => {
      const action = await readJson(resolve(file));
      const answer = await cli.call('approvals.testPolicy', { action: action as Action });
      cli.answer(
        answer,
        [`${answer.effect}, risk ${answer.risk}`, ...answer.why.map((why) => `  ${plainLine(why)}`)].join(
          '\n',
        ),
      );
    },
  );
  const grants = group(policy, 'grants', 'remembered answers');
  verb(grants, 'list', 'those in force', async (cli) => {
    const answer = await cli.call('approvals.listGrants', {});
    const rows = answer.grants.map((one) => [
      one.id,
      one.scope,
      String(one.usesLeft),
      one.expiresAt,
      JSON.stringify(one.when),
    ]);
    cli.answer(
      answer,
      rows.length === 0
        ? 'no answer is remembered'
        : table(['ID', 'SCOPE', 'USES LEFT', 'EXPIRES', 'WHEN'], rows),
    );
  });
  verb(grants, 'revoke <id>', 'forget an answer', async (cli, [id = '']) => {
    await cli.call('approvals.revokeGrant', { grantId: id });
    cli.answer({ revoked: id }, `${id} is forgotten`);
  });
}

/** The host takes an answer only for the action that was shown, so its hash is fetched here and sent back. */
async function decide(
  cli: Cli,
  id: string,
  decision: ApprovalDecision,
  more: { scope?: ApprovalScope; reason?: string },
): Promise<void> {
  const approvalId = id as ApprovalId;
  const { approval } = await cli.call('approvals.detail', { approvalId });
  const decided = await cli.call('approvals.decide', {
    approvalId,
    actionHash: approval.actionHash,
    decision,
    ...more,
  });
  cli.answer(decided, `${plainLine(decided.title)}: ${decided.state}`);
}

function approvalText(approval: Approval, detail: ApprovalDetail): string {
  const { action } = approval;
  const diffs = detail.diffs.map((one) => {
    const notes = [one.redacted ? 'secrets replaced' : '', one.truncated ? 'cut short' : '']
      .filter(Boolean)
      .join(', ');
    return `\n${plainLine(one.path)}${notes === '' ? '' : ` (${notes})`}\n${mark('-', one.oldText)}${mark('+', one.newText)}`;
  });
  const said =
    detail.agentSays === '' ? [] : [`\nThe agent says:\n${plainText(detail.agentSays).replace(/^/gm, '| ')}`];
  return [
    facts([
      ['approval', approval.id],
      ['state', approval.state],
      ['what', approval.title],
      ['risk', `${approval.risk} of 4`],
      ['asked by', action.requester.join(' > ')],
      ...(action.exec
        ? [['runs', action.exec.argv.map((arg) => JSON.stringify(arg)).join(' ')] as const]
        : []),
      ...(action.exec ? [['where', `${action.exec.cwd}, sandbox ${action.exec.sandbox}`] as const] : []),
      ...(action.paths.length > 0 ? [['paths', action.paths.join(', ')] as const] : []),
      ['why', approval.why.join('; ')],
      ['expires', approval.expiresAt],
    ]),
    ...diffs,
    ...said,
  ].join('\n');
}

const mark = (sign: string, text: string | null): string =>
  text === null || text === '' ? '' : `${plainText(text.replace(/\n$/, '')).replace(/^/gm, sign)}\n`;

async function readText(file: string): Promise<string> {
  const { readFile, stat } = await import('node:fs/promises');
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Failure('not_found', `there is no file ${file}`);
  if (found.size > MAX_FILE) throw new Failure('too_large', `${file} is larger than ${MAX_FILE} bytes`);
  return readFile(file, 'utf8');
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(file));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw usage(`${file} is not JSON`);
  }
}
