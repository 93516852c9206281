import type { Action } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { sha256Hex } from '../../../contract/action.ts';
import type { Rule, RuleCondition, RuleExample, RuleProposal } from '../../../contract/policy.ts';
import { CONTROLLING_FILES } from './default-rules.ts';
import { matchesGlob } from './glob.ts';
import { isRunner } from './grants.ts';

const LIFETIME_MS = 7 * 24 * 3_600_000;

/**
 * Commands whose beginning says what they do, whatever follows: how many tokens say it. Interpreters, wrappers and
 * everything that reaches out are left out on purpose: remembering those is remembering everything.
 */
const PREFIXES: readonly (readonly [string, readonly string[] | null, number])[] = [
  ['npm', ['test', 'run', 'run-script'], 3],
  ['pnpm', ['test', 'run'], 3],
  ['yarn', ['test', 'run'], 3],
  ['cargo', ['build', 'check', 'test', 'clippy', 'fmt'], 2],
  ['go', ['build', 'test', 'vet', 'fmt'], 2],
  ['pytest', null, 1],
  ['ruff', ['check', 'format'], 2],
  ['eslint', null, 1],
  ['prettier', null, 1],
  ['tsc', null, 1],
  ['vitest', ['run'], 2],
  ['jest', null, 1],
  ['mvn', ['compile', 'test', 'verify'], 2],
  ['git', ['add', 'commit', 'status'], 2],
];

type Draft = Pick<RuleProposal, 'width' | 'rule'>;

/**
 * Rules that would answer questions like this one, narrowest first: this very thing, commands that begin so, files below
 * the same folder. For this workspace and this agent, for a week; each carries the action itself as its test.
 * @param now RFC 3339
 */
export function proposeRules(action: Action, effect: 'allow' | 'deny', now: string): Draft[] {
  if (effect === 'allow' && !mayBeAllowed(action)) return [];
  const drafts: [RuleProposal['width'], RuleCondition][] = [];
  const same = exact(action);
  if (same !== null) drafts.push(['exact', same]);
  const prefix = prefixOf(action);
  if (prefix !== null) drafts.push(['prefix', { ...scope(action), ...prefix }]);
  const folder = folderOf(action);
  if (folder !== null) drafts.push(['folder', { ...scope(action), pathIn: [`${folder}/**`] }]);
  const expiresAt = new Date(Date.parse(now) + LIFETIME_MS).toISOString();
  return drafts.map(([width, when]) => ({ width, rule: ruleOf(effect, width, when, action, expiresAt) }));
}

/** Nothing that is wide open by its nature becomes a rule that allows. */
function mayBeAllowed({ kind, exec, net }: Action): boolean {
  if (kind === 'net' || kind === 'tool' || kind === 'process.start' || net.length > 0) return false;
  if (exec === null) return true;
  return (
    exec.sandbox !== 'none' && exec.sandbox !== 'ws+net' && !isRunner(exec.argv) && !reachesOut(exec.argv)
  );
}

/** A word that names something outside the workspace, be it the value of an option. */
function reachesOut(argv: readonly string[]): boolean {
  return argv.some((word) =>
    word.split(/[=:,]/).some((part) => /^[/~\\]/.test(part) || /(^|[/\\])\.\.([/\\]|$)/.test(part)),
  );
}

function scope({ kind, workspaceId, agent, exec }: Action): RuleCondition {
  return {
    kind: [kind],
    ...(workspaceId !== null && { workspace: [workspaceId] }),
    ...(agent !== null && { agent: [agent] }),
    ...(exec && { sandbox: [exec.sandbox] }),
  };
}

function pathsOf({ paths, writes }: Action): string[] {
  return [...new Set([...paths, ...writes.map(({ path }) => path)])];
}

/** Null when nothing tells this action from others of its kind, or when a path of it would be read as a pattern. */
function exact(action: Action): RuleCondition | null {
  const paths = pathsOf(action);
  if (paths.some((path) => /[*?]/.test(path)) || (paths.length === 0 && action.exec === null)) return null;
  return {
    ...scope(action),
    ...(paths.length > 0 && { pathIn: paths }),
    ...(action.exec && { argv: action.exec.argv, argvWhole: true }),
  };
}

function prefixOf({ exec }: Action): Pick<RuleCondition, 'argv'> | null {
  if (exec === null) return null;
  const [program = '', verb = ''] = exec.argv;
  const known = PREFIXES.find(
    ([name, verbs]) => name === program && (verbs === null || verbs.includes(verb)),
  );
  const length = known?.[2] ?? 0;
  // `npm test` says all with two tokens, `npm run NAME` needs the name.
  const wanted = verb === 'test' ? Math.min(length, 2) : length;
  if (known === undefined || exec.argv.length < wanted || exec.argv.length === 0) return null;
  const argv = exec.argv.slice(0, wanted);
  return argv.length === exec.argv.length && wanted === 1 ? null : { argv };
}

function folderOf(action: Action): string | null {
  if (action.kind !== 'fs.write') return null;
  const paths = pathsOf(action);
  const controls = paths.some((path) => CONTROLLING_FILES.some((glob) => matchesGlob(path, glob)));
  const folders = paths.map((path) => path.split('/').slice(0, -1));
  const [first = []] = folders;
  let depth = 0;
  while (depth < first.length && folders.every((folder) => folder[depth] === first[depth])) depth += 1;
  const folder = first.slice(0, depth).join('/');
  // A folder of one step at least: a rule over everything is written by hand or not at all.
  return controls || folder === '' || /[*?]/.test(folder) ? null : folder;
}

function ruleOf(
  effect: 'allow' | 'deny',
  width: RuleProposal['width'],
  when: RuleCondition,
  action: Action,
  expiresAt: string,
): Rule {
  const id = `own.${effect}-${width}-${sha256Hex(canonicalJson(when)).slice(0, 12)}`;
  const paths = pathsOf(action);
  const same: RuleExample = {
    kind: action.kind,
    origin: 'acp',
    ...(action.workspaceId !== null && { workspace: action.workspaceId }),
    ...(action.agent !== null && { agent: action.agent }),
    ...(paths.length > 0 && { paths: paths.slice(0, 64) }),
    ...(action.exec && { argv: action.exec.argv, sandbox: action.exec.sandbox }),
  };
  const other: RuleExample = { ...same, kind: action.kind === 'fs.delete' ? 'fs.write' : 'fs.delete' };
  return { id, effect, when, expiresAt, tests: { match: [same], notMatch: [other] } };
}
