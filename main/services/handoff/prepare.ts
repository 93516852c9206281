import type { Agent } from '../../../contract/agents.ts';
import { HostError } from '../../../contract/errors.ts';
import { HANDOFF_FILES, type HandoffPreview, type HandoffRequest } from '../../../contract/handoff.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { Caller } from '../../kernel/caller.ts';
import { fillCommand, splitCommand } from './command-line.ts';
import type { Fingerprints } from './fingerprint.ts';
import type { LoopCommands } from './loop.ts';
import { pinFiles } from './pinned-files.ts';
import { readPlan, type Plan } from './plan.ts';
import type { AgentList, HandoffRoots, Workspaces } from './ports.ts';
import { commandValues } from './run-check.ts';

export interface PrepareDeps {
  readonly agents: AgentList;
  readonly workspaces: Workspaces;
  readonly roots: HandoffRoots;
  readonly fingerprints: Fingerprints;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly sanitize: (text: string) => string;
}

/** A handoff with everything looked at that can be looked at before it runs. */
export interface Prepared {
  readonly workspace: Workspace;
  readonly agent: Agent;
  /** Open; whoever gets it closes it. */
  readonly root: Root;
  readonly plan: Plan | null;
  /** Why the plan would not be run; null when it would. */
  readonly problem: HostError | null;
  readonly tests: readonly string[] | null;
  readonly reviewer: LoopCommands['reviewer'] | null;
}

/**
 * Looks up and checks everything that a handoff needs. What is wrong with the plan alone is in `problem`.
 * @throws HostError `not_found`, `invalid_input`, `unavailable`, `conflict`
 */
export async function prepare(deps: PrepareDeps, request: HandoffRequest, caller: Caller): Promise<Prepared> {
  const workspace = deps.workspaces.resolve(request.workspace, caller);
  const agent = chosenAgent(await deps.agents.list(), request.agent);
  const root = deps.roots.open(workspace.path);
  try {
    const { tests, reviewer } = await commandsOf(deps, request, root.path);
    if (request.kind === 'loop') await checkRepository(deps, request, root.path);
    const { plan, problem } = await lookAtPlan(root, request);
    return { workspace, agent, root, plan, problem, tests, reviewer };
  } catch (error) {
    root.close();
    throw error;
  }
}

/** @throws HostError `not_found`, `unavailable`, `invalid_input` where there is more than one to choose from */
function chosenAgent(all: readonly Agent[], name: string | undefined): Agent {
  const names = all.map((agent) => agent.name);
  if (name !== undefined) {
    const found = all.find((agent) => agent.name === name);
    if (!found)
      throw new HostError('not_found', `there is no agent "${name}"; known: ${names.join(', ')}`, {
        agents: names,
      });
    if (found.state === 'missing')
      throw new HostError(
        'unavailable',
        `the program of agent "${name}" was not found: ${found.argv[0] ?? ''}`,
      );
    if (found.state === 'unreadable')
      throw new HostError(
        'unavailable',
        `the environment of agent "${name}" cannot be read from the store of secrets; unlock the keyring, or remove the agent and add it again`,
      );
    return found;
  }
  const own = all.filter((agent) => agent.state === 'available' && agent.source !== 'built-in');
  const [only, ...others] = own;
  if (only && others.length === 0) return only;
  throw new HostError('invalid_input', `say which agent with --agent; known: ${names.join(', ')}`, {
    agents: names,
  });
}

/** Both are looked up now, so that nothing runs before it is known that the rest of it can. */
async function commandsOf(
  { hostEnv }: PrepareDeps,
  request: HandoffRequest,
  folder: string,
): Promise<Pick<Prepared, 'tests' | 'reviewer'>> {
  if (request.kind !== 'loop') return { tests: null, reviewer: null };
  const read = async (option: string, text: string) => {
    const words = await splitCommand(option, text);
    try {
      return { words, files: await pinFiles(fillCommand(words, commandValues(folder, 1)), folder, hostEnv) };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      throw new HostError(error.code, `${option}: ${error.message}`, { option });
    }
  };
  const tests = request.tests === undefined ? null : (await read('--tests', request.tests)).words;
  return { tests, reviewer: await read('--reviewer', request.reviewer) };
}

async function checkRepository(
  { fingerprints }: PrepareDeps,
  request: Extract<HandoffRequest, { kind: 'loop' }>,
  folder: string,
): Promise<void> {
  const { requireCleanGitStart, stopIfNoFilesChanged, stopIfSameDiff } = request;
  if (!requireCleanGitStart && !stopIfNoFilesChanged && !stopIfSameDiff) return;
  const now = await fingerprints.of(folder);
  if (now === null)
    throw new HostError(
      'invalid_input',
      'the workspace is in no git repository, so --require-clean-git-start, --stop-if-no-files-changed and --stop-if-same-diff cannot be kept',
    );
  if (requireCleanGitStart && !now.isClean)
    throw new HostError('conflict', 'files are not committed; commit them or put them away first');
}

async function lookAtPlan(
  root: Root,
  request: HandoffRequest,
): Promise<{ plan: Plan | null; problem: HostError | null }> {
  try {
    const plan = await readPlan(root);
    if (plan.usable) return { plan, problem: null };
    const problem = `${HANDOFF_FILES.plan} is a form that nobody has filled in; write what is to be done`;
    return { plan, problem: new HostError('invalid_input', problem, { path: HANDOFF_FILES.plan }) };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    // A watch may begin before there is a plan.
    const mayCome = request.kind === 'watch' && !request.once && error.code === 'not_found';
    return { plan: null, problem: mayCome ? null : error };
  }
}

/** What a person is shown instead of a start. */
export function previewOf(
  deps: Pick<PrepareDeps, 'sanitize'>,
  request: HandoffRequest,
  made: Prepared,
): HandoffPreview {
  const { workspace, agent, plan, problem, tests, reviewer } = made;
  const { status, diff, log, runState, tests: testsFile, review } = HANDOFF_FILES;
  const writes = [status, diff, log, runState];
  return {
    kind: request.kind,
    agent: agent.name,
    argv: agent.argv,
    workspaceId: workspace.id,
    workspacePath: workspace.path,
    mode: request.mode,
    planSha256: plan?.sha256 ?? null,
    title: deps.sanitize(plan?.title ?? '').slice(0, 256),
    planBytes: plan?.bytes ?? 0,
    problem: problem === null ? '' : deps.sanitize(problem.message).slice(0, 1024),
    tests: tests === null ? null : fillCommand(tests, commandValues(made.root.path, 1)),
    reviewer: reviewer === null ? null : fillCommand(reviewer.words, commandValues(made.root.path, 1)),
    maxIterations: request.kind === 'loop' ? request.maxIterations : null,
    reads: [HANDOFF_FILES.plan],
    writes: [...writes, ...(tests === null ? [] : [testsFile]), ...(reviewer === null ? [] : [review])],
  };
}
