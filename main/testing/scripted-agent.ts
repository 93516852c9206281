import { PassThrough } from 'node:stream';
import type { AgentExit, AgentProcess } from '../acp/agent-process.ts';

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** An agent inside this process that does what a test says, when it says it. */
export interface ScriptedAgent extends AgentProcess {
  /** The texts of all prompts that it was given. */
  readonly prompts: string[];
  readonly cancels: number;
  /** Everything that it was asked, in order. */
  readonly asked: readonly { readonly method: string; readonly params: Record<string, unknown> }[];
  /** Sends any request of its own and resolves with the answer. */
  request(method: string, params: object): Promise<{ result?: unknown; error?: { message: string } }>;
  update(body: object): void;
  /** A prompt waits for its answer. */
  isPrompted(): boolean;
  isAlive(): boolean;
  say(text: string): void;
  /** Puts any bytes on its output. */
  write(text: string): void;
  /** Answers the prompt that waits, or the last one once more. */
  finish(stopReason: string, more?: object): void;
  fail(message: string): void;
  /** Asks for leave to run a command. */
  ask(command: string): void;
  die(signal: 'SIGKILL' | 'SIGSEGV'): void;
}

let pids = 100_000;

export interface Behaviour {
  /** Never answers anything. */
  readonly deaf?: boolean;
  /** Does not end its turn when it is asked to. */
  readonly stubborn?: boolean;
  /** What it says it can do; sessions can be loaded when this is left out. */
  readonly capabilities?: object;
  /** Beside the id of a session that it opens. */
  readonly settings?: object;
  /** Told before a session that is loaded is open. */
  readonly replay?: readonly string[];
}

export function scriptedAgent(behaviour: Behaviour = {}): ScriptedAgent {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const prompts: string[] = [];
  let prompt: number | string | null = null;
  let lastPrompt: number | string = 0;
  const seen: { method: string; params: Record<string, unknown> }[] = [];
  const waiting = new Map<string, (answer: { result?: unknown; error?: { message: string } }) => void>();
  let asked = 0;
  let requests = 0;
  let cancels = 0;
  let gone = (_exit: AgentExit): void => {};
  let alive = true;
  const exited = new Promise<AgentExit>((resolve) => (gone = resolve));

  function send(message: object): void {
    if (alive) stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  function die(exit: AgentExit): void {
    if (!alive) return;
    alive = false;
    stdout.end();
    stderr.end();
    gone(exit);
  }

  function finish(stopReason: string, more: object = {}): void {
    send({ id: prompt ?? lastPrompt, result: { stopReason, ...more } });
    prompt = null;
  }

  function take({ id, method, params, ...answer }: Message): void {
    if (behaviour.deaf === true) return;
    if (method === undefined) {
      waiting.get(String(id))?.(answer);
      waiting.delete(String(id));
      return;
    }
    seen.push({ method, params: params ?? {} });
    answers[method]?.(id ?? null, params ?? {});
  }

  /** What it does when it is asked: everything else is not answered. */
  const answers: Readonly<
    Record<string, (id: number | string | null, params: Record<string, unknown>) => void>
  > = {
    initialize(id) {
      const agentCapabilities = behaviour.capabilities ?? { loadSession: true };
      send({ id, result: { protocolVersion: 1, agentCapabilities } });
    },
    'session/new': (id) => send({ id, result: { sessionId: 'session', ...behaviour.settings } }),
    'session/load': reopen,
    'session/resume': reopen,
    'session/set_mode': (id, { modeId }) =>
      send(modeId === 'gone' ? { id, error: { code: -32602, message: 'no such mode' } } : { id, result: {} }),
    'session/set_config_option': (id) => send({ id, result: { configOptions: [] } }),
    'session/prompt'(id, params) {
      prompt = lastPrompt = id ?? 0;
      const texts = (params['prompt'] ?? []) as { text: string }[];
      prompts.push(texts.map(({ text }) => text).join('\n'));
    },
    'session/cancel'() {
      cancels += 1;
      if (behaviour.stubborn !== true && prompt !== null) finish('cancelled');
    },
  };

  function reopen(id: number | string | null): void {
    for (const text of behaviour.replay ?? []) say(text);
    send({ id, result: { ...behaviour.settings } });
  }

  function update(body: object): void {
    send({ method: 'session/update', params: { sessionId: 'session', update: body } });
  }
  const say = (text: string) =>
    update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

  let held = '';
  stdin.on('data', (chunk: Buffer) => {
    const lines = (held + chunk.toString('utf8')).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) if (alive && line !== '') take(JSON.parse(line) as Message);
  });

  return {
    ...{ pid: (pids += 1), stdin, stdout, stderr, exited, prompts, finish },
    get cancels() {
      return cancels;
    },
    isPrompted: () => prompt !== null,
    isAlive: () => alive,
    write(text) {
      if (alive) stdout.write(text);
    },
    say,
    update,
    asked: seen,
    request(method, params) {
      requests += 1;
      const id = `request-${requests}`;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        send({ id, method, params: { sessionId: 'session', ...params } });
      });
    },
    fail(message) {
      send({ id: prompt ?? lastPrompt, error: { code: -32603, message } });
      prompt = null;
    },
    ask(command) {
      asked += 1;
      send({
        id: `ask-${asked}`,
        method: 'session/request_permission',
        params: {
          sessionId: 'session',
          toolCall: { toolCallId: `call-${asked}`, kind: 'execute', title: command, rawInput: { command } },
          options: [
            { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
            { optionId: 'no', name: 'No', kind: 'reject_once' },
          ],
        },
      });
    },
    die: (signal) => die({ code: null, signal }),
    stop() {
      die({ code: null, signal: 'SIGTERM' });
      return exited;
    },
  };
}
