import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { sha256Hex } from '../../contract/action.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import { HostError } from '../../contract/errors.ts';
import type { ApprovalId, WorkspaceId } from '../../contract/ids.ts';
import type { Origin } from '../../contract/policy.ts';
import type { ActionFacts, Approver, Permit } from '../kernel/approver.ts';
import type { Clock } from '../kernel/ports.ts';
import type { ProcessGroups } from '../kernel/process-groups.ts';
import { childEnvironment } from './child-env.ts';
import { readProgram, type Program } from './program-identity.ts';

export interface OwnerCommandDeps {
  readonly approver: Approver;
  readonly groups: Pick<ProcessGroups, 'spawn'>;
  readonly clock: Clock;
  /** Redacts a stream piece by piece. */
  readonly redactor: () => { push(chunk: string | Uint8Array): string; end(): string };
  /** What every child gets is taken from here. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
}

export interface OwnerCommand {
  readonly argv: readonly string[];
  /** Where it runs, absolute. */
  readonly folder: string;
  /** The same, relative to the workspace. */
  readonly cwd: string;
  readonly workspaceId: WorkspaceId;
  readonly requester: readonly [string, ...string[]];
  readonly origin: Origin;
  /** One line in the host's words: what a person is asked. */
  readonly title: string;
  /** What it is called in a sentence: `the command build`. */
  readonly name: string;
  /** What it is, for the record of leftovers. */
  readonly label: string;
  readonly timeoutMs: number;
  /** A rule that allows is not enough: a person is asked each time that is not remembered. */
  readonly mustAsk: boolean;
  /** Variables of this one run. Their values are new each time, so they are no part of what is approved. */
  readonly ownEnv?: Readonly<Record<string, string>>;
}

export interface CommandWitness {
  /** Aborted: it is withdrawn, or ended with all that it started. */
  readonly signal: AbortSignal;
  started?(approvalId: ApprovalId | null): void;
  /** Output and errors in the order they came, redacted. */
  printed(text: string): void;
  /** Standard output as it came: for who looks for something in it and shows nothing of it. */
  readOutput?(chunk: Uint8Array): void;
}

export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
}

interface Prepared {
  readonly facts: ActionFacts;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly program: Program;
}

/**
 * Runs a command that the owner has written down. Where a person would be asked that is leave enough, unless it
 * `mustAsk`. What the policy denies, or the host does not take now, does not run.
 * @throws HostError `refused`, `stale`, `not_found` when its program is missing, `unavailable` when it was stopped first
 */
export async function runOwnerCommand(
  deps: OwnerCommandDeps,
  command: OwnerCommand,
  witness: CommandWitness,
): Promise<CommandEnd> {
  const asked = await prepare(deps, command);
  const unasked = new AbortController();
  const decision = await deps.approver.decide({
    facts: asked.facts,
    title: command.title,
    origin: command.origin,
    taskId: null,
    sessionKey: null,
    diffs: [],
    agentSays: '',
    mustAsk: command.mustAsk,
    signal: AbortSignal.any([witness.signal, unasked.signal]),
    ...(!command.mustAsk && {
      onAsked() {
        unasked.abort();
      },
    }),
  });
  if (decision.effect === 'deny') {
    if (unasked.signal.aborted && decision.by === 'withdrawn' && !witness.signal.aborted)
      return start(deps, command, witness, asked, null);
    throw new HostError('refused', `${command.name} was not allowed: ${decision.reason}`);
  }
  const permit: Permit = decision;
  let now = asked;
  const rebuild = async () => {
    now = await prepare(deps, command);
    return now.facts;
  };
  return permit.execute(rebuild, () => start(deps, command, witness, now, permit));
}

async function prepare({ hostEnv }: OwnerCommandDeps, command: OwnerCommand): Promise<Prepared> {
  const { env } = childEnvironment(hostEnv);
  const path = findOwnerProgram(command.argv[0] ?? '', command.folder, hostEnv);
  const program = await readProgram(path);
  const argv = [path, ...command.argv.slice(1)];
  const stat = statSync(command.folder, { bigint: true });
  const ownEnv = command.ownEnv ?? {};
  const facts: ActionFacts = {
    kind: 'exec',
    workspaceId: command.workspaceId,
    requester: [...command.requester],
    agent: null,
    paths: [],
    exec: {
      argv,
      cwd: command.cwd,
      sandbox: 'none',
      binarySha256: program.sha256,
      envNames: [...Object.keys(env), ...Object.keys(ownEnv)].sort(),
      envSha256: sha256Hex(canonicalJson(env)),
      cwdIdentity: `${stat.dev}:${stat.ino}`,
    },
    writes: [],
    tool: null,
    net: [],
  };
  return { facts, argv, env: { ...env, ...ownEnv }, program };
}

async function start(
  { groups, clock, redactor }: OwnerCommandDeps,
  { folder, name, label, timeoutMs }: OwnerCommand,
  witness: CommandWitness,
  { argv, env, program }: Prepared,
  permit: Permit | null,
): Promise<CommandEnd> {
  const { signal } = witness;
  if (signal.aborted) throw new HostError('unavailable', `${name} was stopped`);
  program.assertUnchanged();
  const startedAt = clock.monotonic();
  const child = await groups.spawn({ argv, cwd: folder, env, label, graceMs: 2000 });
  child.stdin.end();
  witness.started?.(permit?.approvalId ?? null);
  const gates = [child.stdout, child.stderr].map((stream) => {
    const gate = redactor();
    stream.on('data', (chunk: Uint8Array) => witness.printed(gate.push(chunk)));
    return gate;
  });
  child.stdout.on('data', (chunk: Uint8Array) => witness.readOutput?.(chunk));
  let timedOut = false;
  const end = () => void child.stop();
  signal.addEventListener('abort', end, { once: true });
  const cancel = clock.after(timeoutMs, () => {
    timedOut = true;
    end();
  });
  const { code, signal: killedBy } = await child.exited;
  await child.stop();
  cancel();
  signal.removeEventListener('abort', end);
  for (const gate of gates) witness.printed(gate.end());
  const durationMs = Math.round(clock.monotonic() - startedAt);
  return { exitCode: code, signal: killedBy, timedOut, durationMs };
}

/**
 * The program of a command of the owner. A name is looked up in the folders of the `PATH` that the command gets,
 * relative ones left out; a path is taken from the folder it runs in.
 * @throws HostError `not_found`
 */
export function findOwnerProgram(
  name: string,
  folder: string,
  hostEnv: Readonly<Record<string, string | undefined>>,
): string {
  const path = childEnvironment(hostEnv).env['PATH'] ?? '';
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
