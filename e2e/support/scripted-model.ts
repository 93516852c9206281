import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  dialects,
  type Dialect,
  type ModelEvent,
  type Step,
  type Tool,
  type Turn,
} from './model-dialects.ts';

/** Names under which coding agents offer a shell to their model. */
const SHELLS = ['exec_command', 'shell_command', 'shell', 'local_shell', 'bash', 'Bash'];
const SCRIPT = /\[\[(?:run:\s*([\s\S]+?)|wait)\s*\]\]/;
const MAX_BODY = 8 * 1024 * 1024;

/** What it says when a command was run, so that tests find it in a history. */
export const COMMAND_WAS_RUN = 'The command was run.';
/** What it says before it is silent until it is cancelled. */
export const WAITING = 'This takes a while.';

export interface ScriptedModel {
  /** Base address for an OpenAI-compatible client, ending in `/v1`. */
  readonly url: string;
  /** The same without `/v1`. */
  readonly origin: string;
  /** How many turns it was asked for. */
  turns(): number;
  /** How many clients listen to an answer that does not end. */
  waiting(): number;
  close(): Promise<void>;
}

/**
 * A model server for tests, on this machine only. It speaks the protocols of `model-dialects.ts` and does what the
 * newest prompt says: `[[run: COMMAND]]` becomes one call of the client's shell, and when its result is back it says so
 * and ends; `[[wait]]` begins to speak and does not end. There is no model in it.
 */
export async function startScriptedModel(): Promise<ScriptedModel> {
  let turns = 0;
  const waiting = new Set<ServerResponse>();
  const wait = (response: ServerResponse) => {
    waiting.add(response);
    response.once('close', () => waiting.delete(response));
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const dialect = dialects.find((one) => one.path.test(path));
    if (request.method !== 'POST' || !dialect) {
      refuse(path, response);
      return;
    }
    readBody(request)
      .then((body) => answer(dialect, body, (turns += 1), response, wait))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/v1`,
    origin,
    turns: () => turns,
    waiting: () => waiting.size,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function refuse(path: string, response: ServerResponse): void {
  const isCount = path.endsWith('/count_tokens');
  response.writeHead(isCount ? 200 : 404, { 'content-type': 'application/json' });
  response.end(isCount ? '{"input_tokens":10}' : '{"error":{"message":"this is not spoken here"}}');
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Error('the request is too large');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>;
}

/** What the newest script asks for, if it was not done yet. A request without a shell wants a title or a summary. */
function nextStep({ said, tools }: Turn): Step {
  const at = said.findLastIndex((one) => 'prompt' in one && SCRIPT.test(one.prompt));
  const prompt = said[at];
  const script = prompt && 'prompt' in prompt ? SCRIPT.exec(prompt.prompt) : null;
  const isDone = said.slice(at + 1).some((one) => 'result' in one);
  const shell = SHELLS.map((name) => tools.find((tool) => tool.name === name)).find(Boolean);
  if (!script || !shell) return { kind: 'say', text: 'There is nothing to do.' };
  if (isDone) return { kind: 'say', text: COMMAND_WAS_RUN };
  const command = script[1];
  if (command === undefined) return { kind: 'wait', text: WAITING };
  return { kind: 'call', tool: shell.name, input: shellInput(shell, command) };
}

function shellInput({ properties }: Tool, command: string): Record<string, unknown> {
  if (properties['cmd']) return { cmd: command };
  return {
    command: properties['command']?.type === 'array' ? ['bash', '-lc', command] : command,
    ...(properties['description'] && { description: 'Runs what the prompt says' }),
  };
}

function answer(
  dialect: Dialect,
  body: Record<string, unknown>,
  number: number,
  response: ServerResponse,
  wait: (response: ServerResponse) => void,
): void {
  const turn = dialect.read(body);
  const step = nextStep(turn);
  if (!turn.stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(dialect.document(turn, step, number)));
    return;
  }
  const { begin, end } = dialect.events(turn, step, number);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  for (const event of begin) send(response, event);
  if (step.kind === 'wait') {
    wait(response);
    return;
  }
  for (const event of end) send(response, event);
  response.end();
}

function send(response: ServerResponse, { name, data }: ModelEvent): void {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  response.write(`${name === null ? '' : `event: ${name}\n`}data: ${text}\n\n`);
}
