import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Action } from '../../../contract/action.ts';
import type { DryRun, PolicyDecision, Rule } from '../../../contract/policy.ts';
import { visibleText } from '../../../contract/visible-text.ts';
import type { Verbs } from '../cli.ts';
import { Failure, usage } from '../failure.ts';
import { plainLine, table } from '../plain-text.ts';
import { limitsText } from '../rule-text.ts';

const MAX_FILE = 1_048_576;

/** The policy that decides what is allowed, asked and denied, and the answers that are remembered. */
export function addPolicyVerbs(program: Command, { verb, group }: Verbs): void {
  const policy = group(program, 'policy', 'the rules that decide what is allowed, asked and denied');
  verb(policy, 'show', 'the rules in force, in order', async (cli) => {
    const answer = await cli.call('approvals.showPolicy', {});
    const rows = answer.rules.map((rule) => [
      rule.effect,
      rule.id,
      rule.note ?? JSON.stringify(rule.when),
      limitsText(rule),
    ]);
    cli.answer(
      answer,
      `${table(['EFFECT', 'RULE', 'ABOUT', 'NEEDS AND LIMITS'], rows)}\n\nsha256 ${answer.policySha256}`,
    );
  });
  verb(
    policy,
    'check <file>',
    'whether a file of rules, or a config.yaml, can be used; needs no host',
    async (cli, [file = '']) => {
      const rules = await rulesOf(file);
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
      cli.answer(answer, decisionText(answer));
    },
  );
  verb(
    policy,
    'explain <approval>',
    'what the policy says to what was asked, and why',
    async (cli, [id = '']) => {
      const { approval } = await cli.call('approvals.detail', { approvalId: id });
      const answer = await cli.call('approvals.testPolicy', { action: approval.action });
      cli.answer(answer, `${visibleText(approval.title)}\n${decisionText(answer)}`);
    },
  );
  addRuleVerbs(policy, verb);
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

function addRuleVerbs(policy: Command, verb: Verbs['verb']): void {
  verb(policy, 'add <file>', 'put the rules of a file in force, at once', async (cli, [file = '']) => {
    const rules = await rulesOf(file);
    const added: Rule[] = [];
    let policySha256: string | null = null;
    for (const rule of rules) {
      const answer = await cli.call('approvals.addRule', { rule });
      added.push(answer.rule);
      policySha256 = answer.policySha256;
      cli.note(`${rule.id} is in force`);
    }
    cli.answer({ rules: added, policySha256 }, `${added.length} rules added`);
  });
  verb(policy, 'remove <id>', 'take a rule of yours out of force, at once', async (cli, [ruleId = '']) => {
    const answer = await cli.call('approvals.removeRule', { ruleId });
    cli.answer({ removed: ruleId, ...answer }, `${ruleId} is removed`);
  });
  verb<{ last?: string }>(
    policy,
    'dry-run <file>',
    'what the rules of a file would have done to the questions of the past',
    async (cli, [file = ''], options) => {
      const last = Number(options.last ?? 200);
      if (!Number.isInteger(last) || last < 1 || last > 1000)
        throw usage('--last is a number from 1 to 1000');
      const results = [];
      for (const rule of await rulesOf(file)) {
        results.push({ ruleId: rule.id, ...(await cli.call('approvals.dryRun', { rule, last })) });
      }
      cli.answer({ results }, results.map(dryRunText).join('\n'));
    },
    (command) => command.option('--last <n>', 'how many of the newest questions are looked at', '200'),
  );
}

function dryRunText(run: DryRun & { ruleId: string }): string {
  const { ruleId, examined, matched, wouldAllow, wouldDeny, againstDenials } = run;
  const done = wouldAllow > 0 ? `would have allowed ${wouldAllow}` : `would have denied ${wouldDeny}`;
  const changed = wouldAllow + wouldDeny > 0 ? done : `speaks of ${matched}`;
  const warning = againstDenials > 0 ? `; people had said no to ${againstDenials} of these` : '';
  const titles = run.examples.map(({ title }) => `  ${visibleText(title)}`);
  return [`${ruleId} ${changed} of the last ${examined} questions${warning}`, ...titles].join('\n');
}

function decisionText({ effect, risk, why }: PolicyDecision): string {
  return [`${effect}, risk ${risk}`, ...why.map((line) => `  ${plainLine(line)}`)].join('\n');
}

async function rulesOf(file: string): Promise<Rule[]> {
  const path = resolve(file);
  const text = await readText(path);
  const { readRules } = await import('../rules-file.ts');
  return readRules(path, text);
}

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
