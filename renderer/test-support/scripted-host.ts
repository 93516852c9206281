import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { applyEvent } from '../../contract/apply-event.ts';
import { commands, isCommandName } from '../../contract/commands.ts';
import { HostError, type Reply } from '../../contract/errors.ts';
import type { HostEvent, HostState } from '../../contract/host-state.ts';
import { ClientMessage, HostMessage } from '../../contract/wire.ts';

/** The content policy of the product, to the letter of the security design. */
export const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types app";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface ScriptedHost {
  readonly url: string;
  /** Every command that came in, parsed by its real schema. */
  readonly calls: { name: string; input: unknown }[];
  publish(event: HostEvent): void;
  /** Breaks all connections and refuses new ones until it is called with true. */
  reachable(value: boolean): void;
  /** From now on this browser is unknown until the owner admits it. */
  expel(): void;
  admit(): void;
  close(): Promise<void>;
}

/** A host on a real socket that folds with the real reducer and checks every message against the real schemas. */
export async function startScriptedHost(options: {
  files: string;
  state: HostState;
  /** @param name of the process, for a log */
  streams(source: string, name: string): string;
  /** What to reply, or a promise of it; a HostError that it throws is the reply, and nothing at all is a refusal. */
  answer(name: string, input: unknown): unknown;
}): Promise<ScriptedHost> {
  let { state } = options;
  let seq = 0;
  let admitted = true;
  let up = true;
  const calls: { name: string; input: unknown }[] = [];
  const subscribers = new Set<WebSocket>();
  const undecided: (() => void)[] = [];

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://h').pathname;
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === '/host') return void json(admitted ? 426 : 401, {});
    if (path === '/admit') return void json(200, { deviceId: 'dev_9', checkCode: '135790' });
    if (path === '/admit/dev_9') {
      const answer = () => json(200, { state: 'admitted' });
      if (admitted) answer();
      // Held until the owner has decided.
      else undecided.push(answer);
      return;
    }
    const file = path === '/' ? '/index.html' : path;
    if (!/^\/(index\.html|assets\/[\w.-]+)$/.test(file)) return void response.writeHead(404).end();
    readFile(join(options.files, file)).then(
      (body) =>
        response
          .writeHead(200, {
            'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
            'content-security-policy': CONTENT_POLICY,
          })
          .end(body),
      () => response.writeHead(404).end(),
    );
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (!up || !admitted)
      return void socket.end(`HTTP/1.1 ${up ? '401 Unauthorized' : '503 Unavailable'}\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data: Buffer) =>
        receive(client, ClientMessage.parse(JSON.parse(data.toString()))),
      );
      client.on('close', () => subscribers.delete(client));
    });
  });

  const send = (client: WebSocket, message: unknown) =>
    client.send(JSON.stringify(HostMessage.parse(message)));
  const cursor = () => ({ epoch: 'test', seq });

  function receive(client: WebSocket, message: ClientMessage): void {
    if (message.type === 'call') {
      const { id, name, input } = message;
      void replyTo(name, input).then((reply) => {
        if (client.readyState === client.OPEN) send(client, { type: 'reply', id, reply });
      });
    }
    if (message.type === 'subscribe') {
      subscribers.add(client);
      if (message.from?.seq !== seq)
        send(client, { type: 'frame', frame: { kind: 'snapshot', cursor: cursor(), state } });
    }
    if (message.type === 'open') {
      const { source } = message;
      const text =
        source.kind === 'log' ? options.streams(source.stream, source.name) : options.streams('timeline', '');
      const size = Buffer.byteLength(text);
      const offset = message.offset < 0 ? Math.max(0, size + message.offset) : message.offset;
      if (offset < size)
        send(client, { type: 'chunk', id: message.id, offset, nextOffset: size, text: text.slice(offset) });
    }
  }

  async function replyTo(name: string, input: unknown): Promise<Reply> {
    if (!isCommandName(name)) return { ok: false, error: { code: 'unknown_command', message: name } };
    const parsed = commands[name].input.parse(input);
    calls.push({ name, input: parsed });
    try {
      const value = await options.answer(name, parsed);
      if (value === undefined) throw new HostError('refused', 'the scripted host refuses this');
      return { ok: true, value: commands[name].output.parse(value) };
    } catch (error) {
      if (error instanceof HostError) return { ok: false, error: error.toWire() };
      throw error;
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    publish(event) {
      state = applyEvent(state, event);
      seq += 1;
      for (const client of subscribers)
        send(client, { type: 'frame', frame: { kind: 'event', cursor: cursor(), event } });
    },
    reachable(value) {
      up = value;
      if (!value) for (const client of sockets.clients) client.terminate();
    },
    expel() {
      admitted = false;
      for (const client of sockets.clients) client.close(4401);
    },
    admit() {
      admitted = true;
      for (const answer of undecided.splice(0)) answer();
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
