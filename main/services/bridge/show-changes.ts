import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { createCommandGuard } from '../../guard/command-guard.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { RunResult } from '../../guard/bounded-process.ts';
import { askLeave, baseFacts, leaveDespiteSecrets } from './permission.ts';
import type { BridgeDeps, Place } from './ports.ts';

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_TEXT = 256 * 1024;

/**
 * Status and diff by git, hardened and in the read-only sandbox: nothing that the repository configures is run, and
 * blocked files are excluded by path.
 * @throws HostError `not_found` when the workspace is no repository of its own, `unavailable` without a sandbox
 */
export async function showChanges(
  context: BridgeDeps,
  place: Place,
): Promise<OutputOf<'bridge.showChanges'>> {
  const { root, signal } = place;
  const facts = { ...baseFacts(place.workspace.id, place.caller), kind: 'git.read' as const };
  const permit = await askLeave(context, place, { facts, title: 'Show what git says has changed' });
  await permit.execute(facts, () => Promise.resolve());
  const git = (...words: string[]) => runGit(context, root, signal, words);
  const status = await git('status', '--short', '--branch', '--untracked-files=all');
  assertRan(status, 'status');
  const committed = await git('diff', 'HEAD');
  // Before the first commit there is no HEAD to compare with: what is staged is what has changed.
  const diff = committed.code === 0 ? committed : await git('diff', '--cached');
  assertRan(diff, 'diff');
  const texts = await Promise.all([
    context.outbound.deep('output', status.stdout, place.workspace.id),
    context.outbound.deep('diff', diff.stdout, place.workspace.id),
  ]);
  if (texts.some(({ action }) => action === 'ask')) {
    await leaveDespiteSecrets(context, place, 'git.read', 'the changes that git shows');
  }
  const [shownStatus = '', shownDiff = ''] = texts.map(({ text }) => text.slice(0, MAX_TEXT));
  return {
    status: shownStatus,
    diff: shownDiff,
    truncated: status.truncated || diff.truncated || texts.some(({ text }) => text.length > MAX_TEXT),
  };
}

async function runGit(
  { sandbox }: BridgeDeps,
  root: Root,
  signal: AbortSignal,
  words: readonly string[],
): Promise<RunResult> {
  const decision = await createCommandGuard({ root, sandbox }).decide(['git', ...words], 'safe');
  if (decision.verdict === 'refused') {
    throw new HostError('not_found', `There are no changes to show. ${decision.reason}`);
  }
  if (decision.verdict === 'builtin') throw new HostError('internal', 'git is never built in');
  const { argv, env } = decision;
  return sandbox.run({
    ...{ profile: 'ro', root: root.path, argv, env, signal, blocked: root.blocked },
    ...{ timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES },
  });
}

function assertRan(run: RunResult, what: string): void {
  if (run.timedOut) throw new HostError('timed_out', `git ${what} took longer than ${TIMEOUT_MS / 1000} s`);
  if (run.code !== 0 && !run.truncated) {
    throw new HostError('unavailable', `git ${what} failed with exit code ${run.code ?? 'by signal'}`);
  }
}
