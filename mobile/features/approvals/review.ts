import type { ApprovalContent, ApprovalView, ContentAnswer } from '../../host/views.ts';
import { readDiff } from '../../ui/diff-lines.ts';

/** Diffs of more lines in all are read where there is room for them. */
export const MOST_DIFF_LINES = 2000;
/** What is longer is folded, and must be opened before "Approve" works. */
export const FOLDED_LINES = 40;
const LONG_TOKEN = 400;

/** A part of an approval that has to be looked at. */
export type PartId = 'argv' | 'paths' | 'writes' | `diff:${string}`;

/** Whether "Approve" is offered, and what is in its way. Denying is always possible. */
export type Review =
  | { readonly kind: 'ready' }
  /** So many parts are still folded. */
  | { readonly kind: 'open'; readonly left: number }
  /** It is too long for a phone, or came only in part. */
  | { readonly kind: 'desktop'; readonly reason: 'too-long' | 'truncated' }
  /** It needs a proof that this device cannot give. */
  | { readonly kind: 'other-proof' }
  /** This device has said yes already; others must. */
  | { readonly kind: 'voted' }
  /** It is not what it claims to be, or nothing is known of it yet. */
  | { readonly kind: 'blocked' };

function linesIn(content: ApprovalContent): number {
  return content.diffs.reduce((sum, { diff }) => sum + readDiff(diff).length, 0);
}

/** The parts that are folded at first: long ones, and where the host wants it opened all of its content. */
export function foldedParts(approval: ApprovalView, content: ApprovalContent): readonly PartId[] {
  const argv = approval.argv ?? [];
  const long: Record<string, boolean> = {
    argv: argv.length > FOLDED_LINES || argv.some((token) => token.length > LONG_TOKEN),
    paths: (approval.paths ?? []).length > FOLDED_LINES,
    writes: approval.writes.length > FOLDED_LINES,
  };
  const parts = Object.keys(long).filter((part) => long[part] === true) as PartId[];
  const diffs = content.diffs.filter(({ diff }) => readDiff(diff).length > FOLDED_LINES);
  const found: PartId[] = [...parts, ...diffs.map(({ path }): PartId => `diff:${path}`)];
  if (found.length > 0 || !approval.mustOpen) return found;
  const all = content.diffs.map(({ path }): PartId => `diff:${path}`);
  return argv.length > 0 ? ['argv', ...all] : all;
}

/** Judges what was seen of an approval. `opened`: the parts that the person has unfolded. */
export function review(
  approval: ApprovalView,
  answer: ContentAnswer | undefined,
  opened: ReadonlySet<PartId>,
): Review {
  if (!approval.genuine || answer?.kind !== 'ready') return { kind: 'blocked' };
  const { content } = answer;
  if (content.diffs.some(({ check }) => check === 'differs')) return { kind: 'blocked' };
  if (approval.votes.yours) return { kind: 'voted' };
  if (content.diffs.some(({ check }) => check === 'truncated')) {
    return { kind: 'desktop', reason: 'truncated' };
  }
  if (linesIn(content) > MOST_DIFF_LINES) return { kind: 'desktop', reason: 'too-long' };
  if (approval.need.kinds && !approval.need.kinds.includes('device-p256')) return { kind: 'other-proof' };
  const left = foldedParts(approval, content).filter((part) => !opened.has(part)).length;
  return left > 0 ? { kind: 'open', left } : { kind: 'ready' };
}
