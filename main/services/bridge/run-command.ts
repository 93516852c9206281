import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { tokenise } from '../../guard/bash-tokens.ts';
import { createCommandGuard, type CommandDecision } from '../../guard/command-guard.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { RunResult } from '../../guard/bounded-process.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { readProgram, type Program } from '../../guard/program-identity.ts';
import { askLeave, baseFacts } from './permission.ts';
import type { BridgeDeps, Place } from './ports.ts';

type Input = Pick<ParsedInputOf<'bridge.bash'>, 'command' | 'timeoutMs' | 'network'>;
type Output = OutputOf<'bridge.bash'>;
type Accepted = Exclude<CommandDecision, { verdict: 'refused' }>;
type Profile = NonNullable<ActionFacts['exec']>['sandbox'];

interface Prepared {
  readonly decision: Accepted;
  readonly sandbox: Profile;
  readonly facts: ActionFacts;
  /** What is started; null for what the host does itself. */
  readonly program: Program | null;
}

const MAX_OUTPUT_BYTES = 512 * 1024;
const MAX_TEXT = 256 * 1024;
/** What an action can carry. */
const MAX_WORDS = 256;

/**
 * Runs one command. What the read-only table accepts runs in the read-only sandbox in both modes; anything else needs
 * full mode and a person's leave, each time. Which words run, in which sandbox, is worked out again after the answer.
 * @throws HostError `refused` (mode, table, a person), `unavailable` (no sandbox here), `stale`
 */
export async function runCommand(context: BridgeDeps, place: Place, input: Input): Promise<Output> {
  const decision = await decide(context, place, input);
  const asked = await prepare(context, place, input, decision);
  const permit = await askLeave(context, place, {
    facts: asked.facts,
    title: `Run ${await printable(context, input.command)}`,
  });
  let now = asked;
  const rebuild = async (): Promise<ActionFacts> => {
    now = await prepare(context, place, input, await decide(context, place, input));
    return now.facts;
  };
  return permit.execute(rebuild, () => execute(context, place, input, now));
}

async function decide(context: BridgeDeps, { root }: Place, { command }: Input): Promise<Accepted> {
  const mode = context.modes.get().bash;
  if (mode === 'off') {
    const how = 'The owner of this machine can allow them: Settings, or `signalbox mcp mode --bash safe`.';
    throw new HostError('refused', `Commands are switched off. ${how}`, { mode });
  }
  const guard = createCommandGuard({ root, sandbox: context.sandbox, ...ripgrepIn(context) });
  const tokens = await tokenise(command);
  const safe = await guard.decide(tokens.ok ? tokens.argv : command, 'safe');
  if (safe.verdict !== 'refused') return safe;
  if (mode !== 'full') {
    const more = 'In full mode the owner would be asked each time (`signalbox mcp mode --bash full`).';
    throw new HostError('refused', `${safe.reason} ${more}`, { mode });
  }
  const full = await guard.decide(tokens.ok ? tokens.argv : command, 'full');
  if (full.verdict === 'refused') throw new HostError('refused', full.reason, { mode });
  return full;
}

async function prepare(
  context: BridgeDeps,
  { workspace, root, caller }: Place,
  input: Input,
  decision: Accepted,
): Promise<Prepared> {
  const sandbox = await sandboxFor(context, decision, input.network);
  const tokens = await tokenise(input.command);
  const argv = tokens.ok ? tokens.argv : [...decision.argv];
  if (argv.length > MAX_WORDS) {
    throw new HostError(
      'too_large',
      `the command has ${argv.length} words; more than ${MAX_WORDS} cannot be shown`,
    );
  }
  const program = decision.verdict === 'exec' ? await readProgram(decision.argv[0] ?? '') : null;
  return {
    decision,
    sandbox,
    program,
    facts: {
      ...baseFacts(workspace.id, caller),
      kind: 'exec',
      paths: await namedPaths(root, tokens.ok ? argv.slice(1) : []),
      exec: {
        // The words as they were written, so that rules and people read `git status`; a line that only a shell can
        // read is shown with the shell that will read it.
        argv,
        cwd: '.',
        sandbox,
        binarySha256: program?.sha256 ?? null,
        envNames: decision.verdict === 'exec' ? Object.keys(decision.env).sort() : [],
        envSha256: decision.verdict === 'exec' ? sha256Hex(canonicalJson(decision.env)) : null,
        cwdIdentity: `${root.dev}:${root.ino}`,
      },
    },
  };
}

/** Where no sandbox works, a person may still allow a run without one; reading commands never fall back to that. */
async function sandboxFor(context: BridgeDeps, decision: Accepted, network: boolean): Promise<Profile> {
  if (decision.verdict === 'builtin' || decision.sandbox === 'ro') return 'ro';
  if (!(await context.sandbox.probe()).ok) return 'none';
  return network ? 'ws+net' : 'ws';
}

async function execute(context: BridgeDeps, place: Place, input: Input, now: Prepared): Promise<Output> {
  const { facts, sandbox } = now;
  const { workspace, caller } = place;
  const commandSha256 = sha256Hex(canonicalJson(facts.exec?.argv ?? []));
  const shared = { workspaceId: workspace.id, sandbox, commandSha256 };
  const record = (type: string, more: Record<string, string | number | boolean | null>): Promise<void> =>
    context.audit.append({
      actor: caller.principal,
      type,
      object: workspace.id,
      facts: { ...shared, ...more },
    });
  await record('exec.started', { binarySha256: facts.exec?.binarySha256 ?? null });
  const startedAt = context.clock.monotonic();
  try {
    const run = await start(context, place, input, now);
    await record('exec.ended', {
      code: run.code,
      signal: run.signal,
      timedOut: run.timedOut,
      durationMs: Math.round(context.clock.monotonic() - startedAt),
      outputSha256: sha256Hex(run.stdout + run.stderr),
    });
    return await shown(context, now.decision.verdict === 'builtin' ? 'built-in' : sandbox, run);
  } catch (error) {
    const code = error instanceof HostError ? error.code : 'internal';
    await record('exec.ended', { code: null, failed: code });
    throw error;
  }
}

async function start(
  context: BridgeDeps,
  { root, signal }: Place,
  input: Input,
  { decision, sandbox, program }: Prepared,
): Promise<RunResult> {
  if (decision.verdict === 'builtin') {
    return { ...(await decision.run()), signal: null, truncated: false, timedOut: false };
  }
  return context.sandbox.run({
    profile: sandbox,
    root: root.path,
    argv: decision.argv,
    env: decision.env,
    timeoutMs: input.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    blocked: root.blocked,
    signal,
    // The last look, with nothing in between it and the start.
    beforeStart() {
      root.assertUnchanged();
      program?.assertUnchanged();
    },
  });
}

async function shown(
  { outbound }: Pick<BridgeDeps, 'outbound'>,
  sandbox: string,
  run: RunResult,
): Promise<Output> {
  const stdout = (await outbound.deep('output', run.stdout)).text;
  const stderr = (await outbound.deep('output', run.stderr)).text;
  return {
    exitCode: run.code,
    stdout: stdout.slice(0, MAX_TEXT),
    stderr: stderr.slice(0, MAX_TEXT),
    truncated: run.truncated || stdout.length > MAX_TEXT || stderr.length > MAX_TEXT,
    timedOut: run.timedOut,
    sandbox,
  };
}

/** A host without ripgrep still runs the other commands; `rg` itself is then refused by the guard. */
function ripgrepIn(context: BridgeDeps): { ripgrep?: string } {
  try {
    return { ripgrep: context.ripgrepPath() };
  } catch {
    return {};
  }
}

/** What of the words names a file that is there, so that rules about paths hold for commands too. */
async function namedPaths(root: Root, words: readonly string[]): Promise<string[]> {
  const found = words.map(async (word) => {
    const stat = word === '' || word.startsWith('-') ? null : await root.stat(word).catch(() => null);
    return stat === null ? [] : [root.check(word)];
  });
  // The workspace itself is no path of a rule.
  return [...new Set((await Promise.all(found)).flat())].filter((path) => path !== '');
}

/** One line for the card of an approval and the record; the words themselves are in the action. */
async function printable({ outbound }: Pick<BridgeDeps, 'outbound'>, command: string): Promise<string> {
  const clean = (await outbound.deep('state', command)).text;
  const line = clean.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
