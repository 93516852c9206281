import type { Approval, ApprovalDetail } from '../../contract/approvals.ts';
import { visibleText, warningsOf, type TextWarning } from '../../contract/visible-text.ts';
import { facts } from './plain-text.ts';

const PROOFS = {
  none: null,
  'if-enrolled': 'a proof that you are there, if you have a way of giving one',
  recent: 'a proof that you are there, of the last five minutes',
  each: 'a proof that you are there, for this very approval (in the dashboard or on a phone)',
} as const;

/** One approval for a terminal: the facts first, one token a line, the agent's own words last and marked as such. */
export function approvalText(approval: Approval, detail: ApprovalDetail): string {
  const { action } = approval;
  const { exec } = action;
  return [
    facts([
      ['approval', approval.id],
      ['state', approval.state],
      ['what', visibleText(approval.title)],
      ['risk', `${approval.risk} of 4`],
      ['asked by', action.requester.map((part) => visibleText(part)).join(' > ')],
      ...(approval.askers > 1
        ? [['asked', `${approval.askers} times; one yes is one execution`] as const]
        : []),
      ['why', approval.why.map((reason) => visibleText(reason)).join('; ')],
      ['needs', needText(approval)],
      ['expires', approval.expiresAt],
    ]),
    ...(exec ? [`\nRuns, one token a line:\n${exec.argv.map(token).join('\n')}`] : []),
    ...(exec
      ? [
          facts([
            ['folder', visibleText(exec.cwd)],
            ['sandbox', exec.sandbox],
            [
              'environment',
              exec.envNames.map((name) => visibleText(name)).join(', ') || 'not set by the host',
            ],
          ]),
        ]
      : []),
    ...listed('Paths', action.paths),
    ...listed('Network', action.net),
    ...(action.tool ? listed('Tool', [action.tool.name]) : []),
    ...warnings(approval),
    ...detail.diffs.map(diffText),
    ...(detail.agentSays === ''
      ? []
      : [`\nThe agent says (not checked):\n${visibleText(detail.agentSays, '\n').replace(/^/gm, '| ')}`]),
  ].join('\n');
}

/** What a yes takes: how many people, which proof, and whether the content must have been read. */
export function needText({ need, votes, mustOpen }: Approval): string {
  const parts = [
    need.approvers === 1 ? 'one yes' : `${votes.length} of ${need.approvers} approvals so far`,
    PROOFS[need.stepUp],
    need.distinctFromRequester ? 'not from whoever asked' : null,
    mustOpen ? 'its content to be read first (`approvals show`)' : null,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function token(text: string, index: number): string {
  const shown = text === '' ? "''" : visibleText(text, '\n').replaceAll('\n', '\n      ');
  return `${String(index).padStart(4)}  ${shown}`;
}

function listed(name: string, texts: readonly string[]): string[] {
  return texts.length === 0
    ? []
    : [`\n${name}:\n${texts.map((text) => `      ${visibleText(text)}`).join('\n')}`];
}

const WARNINGS: Record<TextWarning['kind'], (text: string, like: string, letters: string) => string> = {
  hidden: (text) => `holds characters that cannot be seen: ${text}`,
  lookalike: (text, like, letters) =>
    `has letters that look like others (${letters}): ${text} can be taken for ${like}`,
  'encoded-host': (text) => `is an encoded name, not the one that a browser shows: ${text}`,
};

function warnings({ action }: Approval): string[] {
  const found = warningsOf(action);
  if (found.length === 0) return [];
  const lines = found.map((one) => {
    const [like, letters] = one.kind === 'lookalike' ? [one.like, one.letters] : ['', ''];
    return `  ! ${one.where} ${WARNINGS[one.kind](one.text, like, letters)}`;
  });
  return [`\nWarnings:\n${lines.join('\n')}`];
}

function diffText(diff: ApprovalDetail['diffs'][number]): string {
  const notes = [diff.redacted ? 'secrets replaced' : '', diff.truncated ? 'cut short' : '']
    .filter(Boolean)
    .join(', ');
  const head = `\n${visibleText(diff.path)}${notes === '' ? '' : ` (${notes})`}`;
  return `${head}\n${mark('-', diff.oldText)}${mark('+', diff.newText)}`;
}

const mark = (sign: string, text: string | null): string =>
  text === null || text === ''
    ? ''
    : `${visibleText(text.replace(/\n$/, ''), '\n\t').replace(/^/gm, sign)}\n`;
