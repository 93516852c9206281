import type { ApprovalDetail } from '../../../contract/approvals.ts';
import { hasHidden } from '../../../contract/visible-text.ts';
import type { ActionFacts } from '../../kernel/approver.ts';

/** More changed lines than fit on a card at once. */
const OPEN_ABOVE_LINES = 40;
const OPEN_ABOVE_TOKEN = 200;
/** More than anybody reads on a phone. */
const PHONE_MAX_LINES = 2000;
/** A line feed and a tab are shown as what they are, in a diff and in a script that is one token. */
const SHOWN_AS_IS = '\n\t\r';

type Diffs = ApprovalDetail['diffs'];

/** Whether whoever says yes must have opened the content first: it is long, cut short, or hides something. */
export function mustBeOpened(facts: ActionFacts, diffs: Diffs): boolean {
  const argv = facts.exec?.argv ?? [];
  return (
    changedLines(diffs) > OPEN_ABOVE_LINES ||
    diffs.some((diff) => diff.truncated) ||
    argv.some((token) => token.length > OPEN_ABOVE_TOKEN) ||
    [...argv, ...facts.net, facts.tool?.name ?? '', ...diffs.map((diff) => diff.newText)].some((text) =>
      hasHidden(text, SHOWN_AS_IS),
    ) ||
    [...facts.paths, ...facts.writes.map((write) => write.path), ...(facts.exec?.envNames ?? [])].some(
      (text) => hasHidden(text),
    )
  );
}

export function tooLongForPhone(diffs: Diffs): boolean {
  return changedLines(diffs) > PHONE_MAX_LINES;
}

/**
 * How many lines all changes take away and add: what is left between the common beginning and the common end. Never
 * fewer than the smallest diff has, so that nothing long passes as short.
 */
export function changedLines(diffs: Diffs): number {
  return diffs.reduce((sum, diff) => sum + linesBetween(diff.oldText ?? '', diff.newText), 0);
}

function linesBetween(before: string, after: string): number {
  const old = linesOf(before);
  const next = linesOf(after);
  const shorter = Math.min(old.length, next.length);
  let head = 0;
  while (head < shorter && old[head] === next[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === next.at(-1 - tail)) tail += 1;
  return old.length + next.length - 2 * (head + tail);
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
