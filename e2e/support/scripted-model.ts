import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Names under which coding agents offer a shell to their model. */
const SHELLS = ['exec_command', 'shell_command', 'shell', 'local_shell'];
const SCRIPT = /\[\[run:\s*([\s\S]+?)\s*\]\]/;
const MAX_BODY = 8 * 1024 * 1024;

interface Item {
  readonly type?: string;
  readonly role?: string;
  readonly content?: string | readonly { readonly text?: string }[];
  readonly output?: unknown;
}
interface Tool {
  readonly name?: string;
  readonly parameters?: { readonly properties?: Readonly<Record<string, { readonly type?: string }>> };
}
interface Request {
  readonly model?: string;
  readonly input?: string | readonly Item[];
  readonly tools?: readonly Tool[];
}

export interface ScriptedModel {
  /** Base address for an OpenAI-compatible client, ending in `/v1`. */
  readonly url: string;
  /** How many turns it was asked for. */
  turns(): number;
  close(): Promise<void>;
}

/**
 * A model server for tests, on this machine only. It speaks the streaming Responses API and does what the newest
 * prompt says: `[[run: COMMAND]]` becomes one call of the client's shell; when the result of that call is back it
 * says so and ends. There is no model in it.
 */
export async function startScriptedModel(): Promise<ScriptedModel> {
  let turns = 0;
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || !request.url?.endsWith('/responses')) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"only POST …/responses is spoken here"}}');
      return;
    }
    readBody(request)
      .then((body) => answer(body, (turns += 1), response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    turns: () => turns,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Error('the request is too large');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Request;
}

/** The next item of the conversation, as the protocol writes it. */
function nextItem({ input = [], tools = [] }: Request, turn: number): Record<string, unknown> {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const at = items.findLastIndex((item) => item.role === 'user' && SCRIPT.test(textOf(item)));
  const command = SCRIPT.exec(textOf(items[at] ?? {}))?.[1];
  const isDone = items.slice(at + 1).some((item) => item.type === 'function_call_output');
  const shell = SHELLS.map((name) => tools.find((tool) => tool.name === name)).find(Boolean);
  if (command === undefined || isDone || !shell) {
    const text = isDone ? 'The command was run.' : 'There is nothing to do.';
    const content = [{ type: 'output_text', text, annotations: [] }];
    return { type: 'message', id: `msg_${turn}`, role: 'assistant', status: 'completed', content };
  }
  return {
    type: 'function_call',
    id: `fc_${turn}`,
    call_id: `call_${turn}`,
    name: shell.name,
    arguments: JSON.stringify(shellArguments(shell, command)),
    status: 'completed',
  };
}

function shellArguments(shell: Tool, command: string): Record<string, unknown> {
  const fields = shell.parameters?.properties ?? {};
  if (fields['cmd']) return { cmd: command };
  return { command: fields['command']?.type === 'array' ? ['bash', '-lc', command] : command };
}

function textOf({ content }: Item): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

function answer(request: Request, turn: number, response: ServerResponse): void {
  const item = nextItem(request, turn);
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 15,
  };
  const shared = {
    id: `resp_${turn}`,
    object: 'response',
    created_at: 1,
    model: request.model ?? 'scripted',
  };
  let sequence = 0;
  const send = (type: string, facts: object) => {
    response.write(
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...facts })}\n\n`,
    );
    sequence += 1;
  };
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  send('response.created', { response: { ...shared, status: 'in_progress', output: [], usage: null } });
  send('response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress' } });
  send('response.output_item.done', { output_index: 0, item });
  send('response.completed', { response: { ...shared, status: 'completed', output: [item], usage } });
  response.end();
}
