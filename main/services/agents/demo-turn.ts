import { execFile } from 'node:child_process';
import {
  methods,
  type AgentContext,
  type PermissionOption,
  type SessionUpdate,
  type StopReason,
  type ToolCallContent,
  type ToolKind,
} from '@agentclientprotocol/sdk';
import type { DemoFiles } from './demo-files.ts';
import { editedContent, readInstruction, type Instruction } from './demo-instruction.ts';

export const permissionOptions: PermissionOption[] = [
  { optionId: 'allow-once', name: 'Allow', kind: 'allow_once' },
  { optionId: 'allow-always', name: 'Allow for the rest of this session', kind: 'allow_always' },
  { optionId: 'reject-once', name: 'Reject', kind: 'reject_once' },
];

export interface Turn {
  readonly sessionId: string;
  readonly cwd: string;
  readonly client: AgentContext;
  readonly files: DemoFiles;
  /** Aborted by session/cancel. */
  readonly signal: AbortSignal;
  /** Kinds of tool call that were allowed for the rest of the session. */
  readonly standing: Set<ToolKind>;
  /** Unique within the session. */
  nextCallId(): string;
  /** YYYY-MM-DD */
  today(): string;
}

interface Call {
  readonly kind: ToolKind;
  readonly title: string;
  readonly path?: string;
  readonly content?: ToolCallContent[];
  readonly rawInput: Record<string, unknown>;
  /** What is done once it was allowed; the text is shown as the result. */
  run(): Promise<string>;
}

/** One prompt from beginning to end. Resolves `cancelled` as soon as the client said so, with nothing more written. */
export async function runTurn(turn: Turn, prompt: string): Promise<StopReason> {
  const instruction = readInstruction(prompt);
  try {
    await plan(turn, 0);
    const call = await prepare(turn, instruction, prompt);
    if (turn.signal.aborted) return 'cancelled';
    if (typeof call === 'string') {
      await plan(turn, 3);
      await say(turn, call);
      return 'end_turn';
    }
    await plan(turn, 1);
    return await perform(turn, call);
  } catch (error) {
    if (turn.signal.aborted) return 'cancelled';
    await say(turn, `That did not work: ${error instanceof Error ? error.message : String(error)}`);
    return 'end_turn';
  }
}

/** The call that fits the instruction, or the answer if none is needed. */
async function prepare(turn: Turn, instruction: Instruction, prompt: string): Promise<Call | string> {
  if (instruction.kind === 'run') return runCall(turn, instruction.argv);
  const path = instruction.path ?? 'NOTES.md';
  const old = await turn.files.read(path);
  if (instruction.kind === 'read') {
    if (old === null) return `There is no ${path}.`;
    const lines = old.split('\n').length - (old.endsWith('\n') ? 1 : 0);
    return `${path} has ${lines} lines.\n\n${old.slice(0, 2000)}`;
  }
  const edited = editedContent(instruction, old, { date: turn.today(), prompt });
  if ('problem' in edited) return `Nothing was changed: ${edited.problem}.`;
  const absolute = turn.files.absolute(path);
  return {
    kind: 'edit',
    title: old === null ? `Create ${path}` : `Edit ${path}`,
    path: absolute,
    content: [{ type: 'diff', path: absolute, oldText: old, newText: edited.content }],
    rawInput: { path: absolute, content: edited.content },
    async run() {
      await turn.files.write(path, edited.content);
      return `${path} was ${old === null ? 'created' : 'changed'}.`;
    },
  };
}

function runCall(turn: Turn, argv: readonly string[]): Call | string {
  const [program, ...args] = argv;
  if (program === undefined) return 'There is nothing to run.';
  return {
    kind: 'execute',
    title: argv.join(' '),
    rawInput: { command: [...argv], cwd: turn.cwd },
    run: () =>
      new Promise((resolve, reject) => {
        const options = { cwd: turn.cwd, signal: turn.signal, timeout: 60_000, maxBuffer: 1_048_576 };
        execFile(program, args, options, (error, stdout, stderr) => {
          const output = `${stdout}${stderr}`.trim();
          if (error) reject(new Error(`${argv.join(' ')}: ${output === '' ? error.message : output}`));
          else resolve(output);
        });
      }),
  };
}

async function perform(turn: Turn, call: Call): Promise<StopReason> {
  const toolCallId = turn.nextCallId();
  const facts = {
    toolCallId,
    title: call.title,
    kind: call.kind,
    rawInput: call.rawInput,
    ...(call.content && { content: call.content }),
    ...(call.path !== undefined && { locations: [{ path: call.path }] }),
  };
  await update(turn, { sessionUpdate: 'tool_call', status: 'pending', ...facts });
  const answer = await askLeave(turn, call.kind, facts);
  if (answer === 'cancelled') {
    await update(turn, { sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
    return 'cancelled';
  }
  if (answer === 'rejected') {
    await update(turn, { sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
    await say(turn, 'It was not allowed, so nothing was changed.');
    return 'end_turn';
  }
  await update(turn, { sessionUpdate: 'tool_call_update', toolCallId, status: 'in_progress' });
  await plan(turn, 2);
  try {
    const result = await call.run();
    await update(turn, {
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status: 'completed',
      content: [...(call.content ?? []), { type: 'content', content: { type: 'text', text: result } }],
    });
    await plan(turn, 3);
    await say(turn, result === '' ? 'Done.' : result);
    return 'end_turn';
  } catch (error) {
    await update(turn, { sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
    throw error;
  }
}

async function askLeave(
  turn: Turn,
  kind: ToolKind,
  facts: { toolCallId: string; title: string },
): Promise<'allowed' | 'rejected' | 'cancelled'> {
  if (turn.signal.aborted) return 'cancelled';
  if (turn.standing.has(kind)) return 'allowed';
  const { outcome } = await turn.client.request(
    methods.client.session.requestPermission,
    { sessionId: turn.sessionId, toolCall: { ...facts, status: 'pending' }, options: permissionOptions },
    { cancellationSignal: turn.signal, stopWaitingOnCancel: true },
  );
  if (isAborted(turn.signal) || outcome.outcome === 'cancelled') return 'cancelled';
  const chosen = permissionOptions.find((option) => option.optionId === outcome.optionId);
  if (chosen?.kind === 'allow_always') turn.standing.add(kind);
  return chosen?.kind.startsWith('allow') === true ? 'allowed' : 'rejected';
}

/** Asked again after an await: the signal may have changed meanwhile. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

const STEPS = ['Look at the folder', 'Ask for leave', 'Do it', 'Report'];

/** The whole plan, with the first `done` steps completed. */
function plan(turn: Turn, done: number): Promise<void> {
  return update(turn, {
    sessionUpdate: 'plan',
    entries: STEPS.map((content, index) => ({
      content,
      priority: 'medium',
      status: index < done || done === 3 ? 'completed' : index === done ? 'in_progress' : 'pending',
    })),
  });
}

function say(turn: Turn, text: string): Promise<void> {
  return update(turn, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
}

function update(turn: Turn, sessionUpdate: SessionUpdate): Promise<void> {
  return turn.client.notify(methods.client.session.update, {
    sessionId: turn.sessionId,
    update: sessionUpdate,
  });
}
