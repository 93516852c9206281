import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { PredefinedAction } from '../../../contract/tasks.ts';
import { childEnvironment } from '../../guard/child-env.ts';
import { readProgram, type Program } from '../../guard/program-identity.ts';
import type { ActionFacts, Permit } from '../../kernel/approver.ts';
import type { Caller } from '../../kernel/caller.ts';
import { createHeadAndTail } from './head-and-tail.ts';
import type { PredefinedDeps } from './predefined.ts';

const MAX_OUTPUT_BYTES = 1024 * 1024;

type Deps = Pick<PredefinedDeps, 'approver' | 'audit' | 'groups' | 'clock' | 'redactor' | 'hostEnv'>;
type Result = OutputOf<'tasks.runAction'>;

interface Wanted {
  readonly action: PredefinedAction;
  /** Where it runs, absolute. */
  readonly folder: string;
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

interface Prepared {
  readonly facts: ActionFacts;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly program: Program;
}

/**
 * Runs one predefined command. The owner has written it down: at a low risk that is leave enough where a person would
 * be asked, any other is put before a person each time it is not remembered. What the policy denies, or the host does
 * not take now, does not run at any risk.
 * @throws HostError `refused`, `stale`, `not_found` when its program is missing
 */
export async function runAction(deps: Deps, wanted: Wanted): Promise<Result> {
  const { action, caller, signal } = wanted;
  const asked = await prepare(deps, wanted);
  await record(deps, wanted, 'action.requested', {});
  const isLow = action.risk === 'low';
  const unasked = new AbortController();
  const decision = await deps.approver.decide({
    facts: asked.facts,
    title: `Run the predefined command ${action.name}`,
    origin: caller.origin,
    taskId: null,
    sessionKey: null,
    diffs: [],
    agentSays: '',
    mustAsk: !isLow,
    signal: AbortSignal.any([signal, unasked.signal]),
    ...(isLow && {
      onAsked() {
        unasked.abort();
      },
    }),
  });
  if (decision.effect === 'deny') {
    if (unasked.signal.aborted && decision.by === 'withdrawn' && !signal.aborted)
      return start(deps, wanted, asked, null);
    throw new HostError('refused', `the command ${action.name} was not allowed: ${decision.reason}`);
  }
  const permit: Permit = decision;
  let now = asked;
  const rebuild = async () => {
    now = await prepare(deps, wanted);
    return now.facts;
  };
  return permit.execute(rebuild, () => start(deps, wanted, now, permit));
}

async function prepare({ hostEnv }: Deps, { action, folder, caller }: Wanted): Promise<Prepared> {
  const { env } = childEnvironment(hostEnv);
  const path = findProgram(action.argv[0] ?? '', folder, env['PATH'] ?? '');
  const program = await readProgram(path);
  const argv = [path, ...action.argv.slice(1)];
  const stat = statSync(folder, { bigint: true });
  const facts: ActionFacts = {
    kind: 'exec',
    workspaceId: action.workspaceId,
    requester: [caller.principal],
    agent: null,
    paths: [],
    exec: {
      argv,
      cwd: action.cwd,
      sandbox: 'none',
      binarySha256: program.sha256,
      envNames: Object.keys(env).sort(),
      envSha256: sha256Hex(canonicalJson(env)),
      cwdIdentity: `${stat.dev}:${stat.ino}`,
    },
    writes: [],
    tool: null,
    net: [],
  };
  return { facts, argv, env, program };
}

async function start(deps: Deps, wanted: Wanted, now: Prepared, permit: Permit | null): Promise<Result> {
  const { groups, clock, redactor } = deps;
  const { action, folder, signal } = wanted;
  if (signal.aborted) throw new HostError('unavailable', 'the command was stopped');
  now.program.assertUnchanged();
  const startedAt = clock.monotonic();
  const child = await groups.spawn({
    argv: now.argv,
    cwd: folder,
    env: now.env,
    label: `action ${action.name}`,
    graceMs: 2000,
  });
  child.stdin.end();
  const output = createHeadAndTail(MAX_OUTPUT_BYTES);
  const gates = [child.stdout, child.stderr].map((stream) => {
    const gate = redactor();
    stream.on('data', (chunk: Uint8Array) => output.add(Buffer.from(gate.push(chunk))));
    return gate;
  });
  let timedOut = false;
  const end = () => void child.stop();
  signal.addEventListener('abort', end, { once: true });
  const cancel = clock.after(action.timeoutMs, () => {
    timedOut = true;
    end();
  });
  const { code, signal: killedBy } = await child.exited;
  await child.stop();
  cancel();
  signal.removeEventListener('abort', end);
  for (const gate of gates) output.add(Buffer.from(gate.end()));
  const durationMs = Math.round(clock.monotonic() - startedAt);
  await record(deps, wanted, 'action.ended', { code, signal: killedBy, timedOut, durationMs });
  return {
    ...{
      name: action.name,
      approvalId: permit?.approvalId ?? null,
      exitCode: code,
      signal: killedBy,
      timedOut,
    },
    ...{ output: output.text(), droppedBytes: output.droppedBytes, durationMs },
  };
}

function record(
  { audit }: Deps,
  { action, caller }: Wanted,
  type: string,
  facts: Record<string, string | number | boolean | null>,
): Promise<void> {
  const { workspaceId, risk } = action;
  return audit.append({
    actor: caller.principal,
    type,
    object: action.name,
    facts: { workspaceId, risk, argvSha256: sha256Hex(canonicalJson(action.argv)), ...facts },
  });
}

/** A name is looked up in the folders of `PATH`, relative ones left out; a path is taken from the folder it runs in. */
function findProgram(name: string, folder: string, path: string): string {
  const candidates = name.includes('/')
    ? [resolve(folder, name)]
    : path.split(':').flatMap((one) => (isAbsolute(one) ? [join(one, name)] : []));
  const found = candidates.find(isExecutable);
  if (found === undefined)
    throw new HostError('not_found', `the program ${JSON.stringify(name)} was not found`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
