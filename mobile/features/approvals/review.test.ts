import type { ApprovalView, ContentAnswer, ContentDiff } from '../../host/views.ts';
import { approval } from '../sample-views.ts';
import { foldedParts, MOST_DIFF_LINES, review } from './review.ts';
import type { PartId } from './review.ts';
import { mayShareAnswer, similarGroups } from './similar.ts';

const nothing: ReadonlySet<PartId> = new Set();

const diffOf = (path: string, lines: number, check: ContentDiff['check'] = 'verified'): ContentDiff => ({
  path,
  check,
  diff: Array.from({ length: lines }, (_, at) => `+${String(at)}`).join('\n'),
});

const ready = (...diffs: ContentDiff[]): ContentAnswer & { kind: 'ready' } => ({
  kind: 'ready',
  content: { diffs, notShown: [], agentSays: '' },
});

test('short content is seen at once', () => {
  expect(review(approval, ready(diffOf('a', 40)), nothing)).toEqual({ kind: 'ready' });
});

test('nothing can be approved before its content is there, or when it is not what it claims to be', () => {
  const blocked = { kind: 'blocked' };
  expect(review(approval, undefined, nothing)).toEqual(blocked);
  expect(review(approval, { kind: 'failed', why: 'gone' }, nothing)).toEqual(blocked);
  expect(review({ ...approval, genuine: false }, ready(), nothing)).toEqual(blocked);
  expect(review(approval, ready(diffOf('a', 1, 'differs')), nothing)).toEqual(blocked);
});

test('every long part must be opened', () => {
  const long: ApprovalView = { ...approval, argv: Array.from({ length: 41 }, String), paths: ['a'] };
  const answer = ready(diffOf('a', 41), diffOf('b', 40), diffOf('c', 300));
  expect(foldedParts(long, answer.content)).toEqual(['argv', 'diff:a', 'diff:c']);
  expect(review(long, answer, nothing)).toEqual({ kind: 'open', left: 3 });
  expect(review(long, answer, new Set<PartId>(['argv', 'diff:b', 'diff:c']))).toEqual({
    kind: 'open',
    left: 1,
  });
  expect(review(long, answer, new Set<PartId>(['argv', 'diff:a', 'diff:c']))).toEqual({ kind: 'ready' });
});

test('one very long argument is folded as well', () => {
  expect(foldedParts({ ...approval, argv: ['sh', '-c', 'x'.repeat(401)] }, ready().content)).toEqual([
    'argv',
  ]);
});

test('where the host wants it opened, short content is folded too', () => {
  const asked = { ...approval, mustOpen: true };
  expect(review(asked, ready(diffOf('a', 2)), nothing)).toEqual({ kind: 'open', left: 2 });
  expect(review(asked, ready(diffOf('a', 2)), new Set<PartId>(['argv', 'diff:a']))).toEqual({
    kind: 'ready',
  });
});

test('more than 2,000 lines in all, or a text that came in part, are for the desktop', () => {
  const half = MOST_DIFF_LINES / 2;
  const opened = new Set<PartId>(['diff:a', 'diff:b']);
  expect(review(approval, ready(diffOf('a', half), diffOf('b', half)), opened)).toEqual({ kind: 'ready' });
  expect(review(approval, ready(diffOf('a', half), diffOf('b', half + 1)), opened)).toEqual({
    ...{ kind: 'desktop', reason: 'too-long' },
  });
  expect(review(approval, ready(diffOf('a', 1, 'truncated')), opened)).toEqual({
    ...{ kind: 'desktop', reason: 'truncated' },
  });
});

test('a proof that only others can give, and a second yes of the same device, are no answers', () => {
  const need = { ...approval.need, stepUp: 'each', kinds: ['webauthn'] } as const;
  expect(review({ ...approval, need: { ...need, kinds: ['webauthn'] } }, ready(), nothing)).toEqual({
    kind: 'other-proof',
  });
  expect(review({ ...approval, votes: { yes: 1, yours: true } }, ready(), nothing)).toEqual({
    kind: 'voted',
  });
});

describe('answers that are given together', () => {
  const ask = (id: string, change: Partial<ApprovalView> = {}): ApprovalView => ({
    ...approval,
    id,
    ...change,
  });

  test('are for one host, agent, workspace, kind, risk and program', () => {
    const groups = similarGroups([
      ask('1'),
      ask('2', { argv: ['npm', 'run', 'lint'] }),
      ask('3', { argv: ['git', 'push'] }),
      ask('4', { hostId: 'h2' }),
      ask('5', { agent: 'other' }),
      ask('6', { risk: 'medium' }),
      ask('7', { workspace: 'site' }),
      ask('8', { kind: 'tool', tool: 'fetch' }),
    ]);
    expect(groups.map(({ members }) => members.map(({ id }) => id))).toEqual([['1', '2']]);
  });

  test('are never for what needs a look of its own', () => {
    const { need } = approval;
    const alone: Partial<ApprovalView>[] = [
      { risk: 'high' },
      { risk: 'critical' },
      { genuine: false },
      { need: { ...need, stepUp: 'if-enrolled' } },
      { need: { ...need, approvers: 2 } },
    ];
    expect(alone.map((change) => mayShareAnswer(ask('1', change)))).toEqual(alone.map(() => false));
    expect(similarGroups(alone.flatMap((change) => [ask('1', change), ask('2', change)]))).toEqual([]);
  });
});
