import { statSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CreateTerminalRequest,
  CreateTerminalResponse,
  KillTerminalRequest,
  KillTerminalResponse,
  ReleaseTerminalRequest,
  ReleaseTerminalResponse,
  TerminalExitStatus,
  TerminalOutputRequest,
  TerminalOutputResponse,
  WaitForTerminalExitRequest,
  WaitForTerminalExitResponse,
} from '@agentclientprotocol/sdk';
import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HostError } from '../../../contract/errors.ts';
import { insideWorkspace, shown } from '../../acp/agent-paths.ts';
import { childEnvironment } from '../../guard/child-env.ts';
import { createCommandGuard } from '../../guard/command-guard.ts';
import type { Root } from '../../guard/path-guard.ts';
import { readProgram, type Program } from '../../guard/program-identity.ts';
import type { Sandbox } from '../../guard/sandbox.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import type { Log } from '../../kernel/ports.ts';
import { askLeave, type AskDeps } from './ask-leave.ts';
import { createOutputBuffer } from './output-buffer.ts';
import type { Redactor } from './ports.ts';

const MAX_TERMINALS = 32;
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** What an action can carry. */
const MAX_WORDS = 256;
const MAX_WORD = 16_384;
const MAX_ENV = 64;

export interface TerminalDeps extends AskDeps {
  readonly root: Root;
  readonly roots: readonly string[];
  readonly sandbox: Sandbox;
  readonly redactor: () => Redactor;
  /** A command that runs longer is ended. */
  readonly maxMs: number;
  readonly log: Log;
}

/** The commands that an agent has us run. */
export interface Terminals {
  create(request: CreateTerminalRequest): Promise<CreateTerminalResponse>;
  output(request: TerminalOutputRequest): TerminalOutputResponse;
  waitForExit(request: WaitForTerminalExitRequest): Promise<WaitForTerminalExitResponse>;
  kill(request: KillTerminalRequest): Promise<KillTerminalResponse>;
  release(request: ReleaseTerminalRequest): Promise<ReleaseTerminalResponse>;
  /** What a terminal shows; empty for one that is not known. */
  textOf(terminalId: string): string;
  /** Ends all with their process groups, and resolves when none is left. */
  endAll(): Promise<void>;
}

interface Prepared {
  readonly facts: ActionFacts;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly profile: 'ws' | 'none';
  readonly program: Program;
}

interface Terminal {
  readonly text: () => string;
  readonly truncated: () => boolean;
  readonly stop: AbortController;
  /** Settles when its whole group has ended. Never rejects. */
  readonly over: Promise<TerminalExitStatus>;
  exit: TerminalExitStatus | null;
}

/** Each command is one approval: words, folder, environment and program are fixed before it is asked for. */
export function createTerminals(deps: TerminalDeps): Terminals {
  const { task, root, sandbox, redactor, log } = deps;
  const terminals = new Map<string, Terminal>();
  const starting = new Set<Promise<unknown>>();
  let count = 0;

  async function prepare(request: CreateTerminalRequest): Promise<Prepared> {
    const decision = await createCommandGuard({ root, sandbox }).decide(commandOf(request), 'full');
    if (decision.verdict === 'refused') throw new HostError('refused', decision.reason);
    if (decision.verdict === 'builtin') throw new HostError('internal', 'in full mode nothing is built in');
    const argv = [...decision.argv];
    if (argv.length > MAX_WORDS || argv.some((word) => word.length > MAX_WORD))
      throw new HostError('too_large', 'the command is too long to be shown to a person');
    const env = { ...decision.env, ...environmentOf(request) };
    const cwd = folderOf(deps, request.cwd ?? null);
    const profile = (await sandbox.probe()).ok ? 'ws' : 'none';
    const program = await readProgram(argv[0] ?? '');
    const facts: ActionFacts = {
      kind: 'exec',
      workspaceId: task.workspaceId,
      requester: [task.submittedBy, `task:${task.id}`, `agent:${task.agent}`],
      agent: task.agent,
      paths: [],
      exec: {
        argv,
        cwd: cwd === '' ? '.' : cwd,
        sandbox: profile,
        binarySha256: program.sha256,
        envNames: Object.keys(env).sort(),
        envSha256: sha256Hex(canonicalJson(env)),
        cwdIdentity: identityOf(join(root.path, cwd)),
      },
      writes: [],
      tool: null,
      net: [],
    };
    return { facts, argv, env, cwd, profile, program };
  }

  /** The output of a command: redacted as it comes, its end kept. */
  function open(request: CreateTerminalRequest) {
    const limit = Math.min(request.outputByteLimit ?? DEFAULT_OUTPUT_BYTES, MAX_OUTPUT_BYTES);
    const buffer = createOutputBuffer(Math.max(0, limit));
    const gate = redactor();
    const keep = (text: string) => buffer.add(Buffer.from(text));
    return {
      terminal: {
        text: () => buffer.text(),
        truncated: () => buffer.truncated,
        stop: new AbortController(),
        exit: null,
      },
      take: (chunk: Uint8Array) => keep(gate.push(chunk)),
      end: () => keep(gate.end()),
    };
  }

  async function begin(request: CreateTerminalRequest): Promise<CreateTerminalResponse> {
    if (terminals.size >= MAX_TERMINALS)
      throw new HostError('too_many', `${MAX_TERMINALS} terminals are open; release one first`);
    const turn = deps.signal();
    const asked = await prepare(request);
    const title = shown(`${task.agent} wants to run: ${asked.argv.join(' ')}`, 256);
    const permit = await askLeave(deps, { facts: asked.facts, title, writes: [], diffs: [], agentSays: '' });
    if (permit.effect === 'deny') throw new HostError('refused', `${title}: ${permit.reason}`);
    const { terminal, take, end } = open(request);
    const terminalId = `terminal-${(count += 1)}`;
    const stop = () => terminal.stop.abort();
    turn.addEventListener('abort', stop, { once: true });
    let now = asked;
    const rebuild = async () => {
      now = await prepare(request);
      return now.facts;
    };
    return new Promise<CreateTerminalResponse>((resolve, reject) => {
      const running = permit.execute(rebuild, () => {
        if (turn.aborted) throw new HostError('refused', 'the turn is over');
        return sandbox.run({
          ...{ profile: now.profile, root: root.path, cwd: now.cwd, argv: now.argv, env: now.env },
          ...{ timeoutMs: deps.maxMs, maxOutputBytes: MAX_OUTPUT_BYTES, blocked: root.blocked },
          signal: terminal.stop.signal,
          onOutput: take,
          // The last look, with nothing in between it and the start.
          beforeStart() {
            root.assertUnchanged();
            now.program.assertUnchanged();
            resolve({ terminalId });
          },
        });
      });
      const over = running.then(
        ({ code, signal }): TerminalExitStatus => ({ exitCode: code, signal }),
        (error: unknown): TerminalExitStatus => {
          log.warn({ taskId: task.id, error: String(error) }, 'a command of an agent could not be run');
          reject(error instanceof Error ? error : new Error(String(error)));
          return { exitCode: null, signal: null };
        },
      );
      const kept: Terminal = {
        ...terminal,
        over: over.then((exit) => {
          turn.removeEventListener('abort', stop);
          end();
          kept.exit = exit;
          return exit;
        }),
      };
      terminals.set(terminalId, kept);
      running.catch(() => terminals.delete(terminalId));
    });
  }

  function known(terminalId: string): Terminal {
    const terminal = terminals.get(terminalId);
    if (!terminal) throw new HostError('not_found', `there is no terminal "${shown(terminalId, 64)}"`);
    return terminal;
  }

  async function end(terminal: Terminal): Promise<void> {
    terminal.stop.abort();
    await terminal.over;
  }

  return {
    create(request) {
      const begun = begin(request);
      starting.add(begun);
      return begun.finally(() => starting.delete(begun));
    },
    output({ terminalId }) {
      const { text, truncated, exit } = known(terminalId);
      return { output: text(), truncated: truncated(), exitStatus: exit };
    },
    waitForExit: async ({ terminalId }) => known(terminalId).over,
    async kill({ terminalId }) {
      await end(known(terminalId));
      return {};
    },
    async release({ terminalId }) {
      const terminal = known(terminalId);
      terminals.delete(terminalId);
      await end(terminal);
      return {};
    },
    textOf: (terminalId) => terminals.get(terminalId)?.text() ?? '',
    async endAll() {
      await Promise.allSettled(starting);
      await Promise.all([...terminals.values()].map(end));
    },
  };
}

/** A line without arguments is for a shell; everything else is words. */
function commandOf({ command, args }: CreateTerminalRequest): string | readonly string[] {
  if (typeof command !== 'string' || command.trim() === '')
    throw new HostError('invalid_input', 'the command is empty');
  const words = args ?? [];
  return words.length === 0 && /[\s|&;<>()$`"'*?]/.test(command) ? command : [command, ...words];
}

/** @throws HostError `not_permitted` for a name that makes programs load code, `invalid_input` */
function environmentOf({ env }: CreateTerminalRequest): Record<string, string> {
  const given = env ?? [];
  if (given.length > MAX_ENV) throw new HostError('invalid_input', `at most ${MAX_ENV} variables`);
  const set = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  if (Object.hasOwn(set, 'PATH')) throw new HostError('not_permitted', 'PATH cannot be set for a command');
  return childEnvironment({}, { set }).env;
}

/** The folder relative to the workspace, '' for the workspace itself. */
function folderOf({ root, roots }: Pick<TerminalDeps, 'root' | 'roots'>, given: string | null): string {
  if (given === null) return '';
  const inside = insideWorkspace(roots, given);
  return inside === '.' ? '' : root.check(inside);
}

function identityOf(folder: string): string {
  const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
  if (!found?.isDirectory()) throw new HostError('not_found', 'the folder of the command does not exist');
  return `${found.dev}:${found.ino}`;
}
