import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import type { Log } from '../../kernel/ports.ts';
import { loopbackLookup } from './probe.ts';
import { forwardedRequest, forwardedResponse, processOfHost } from './proxy-headers.ts';

export interface ProcessProxy {
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

interface Refusal {
  readonly status: 400 | 404 | 405 | 502;
  readonly text: string;
}

/**
 * `http://<name>.localhost:<port>` for managed processes that have a port: the gateway gives its `request` and
 * `upgrade` events to this. Any other host is refused, so no name that an attacker points at 127.0.0.1 gets through.
 */
export function createProcessProxy(deps: { portOf(name: string): number | null; log: Log }): ProcessProxy {
  function target(request: IncomingMessage): { name: string; port: number } | Refusal {
    if (hostsOf(request) !== 1) return { status: 400, text: 'A request has one Host header.' };
    // TRACE would show a page the headers that its own scripts may not read.
    if (request.method === 'TRACE') return { status: 405, text: 'TRACE does not pass.' };
    const name = processOfHost(request.headers.host);
    if (name === null) return { status: 404, text: 'The proxy answers at http://<process>.localhost only.' };
    if (request.url?.startsWith('/') !== true) return { status: 400, text: 'The target must be a path.' };
    const port = deps.portOf(name);
    if (port !== null) return { name, port };
    return { status: 404, text: `No process "${name}" with a port is running. \`signalbox ps\` lists them.` };
  }

  function open(request: IncomingMessage, port: number, extra: Record<string, string>): ClientRequest {
    return httpRequest({
      host: 'localhost',
      port,
      lookup: loopbackLookup,
      method: request.method,
      path: request.url,
      agent: false,
      setHost: false,
      headers: {
        ...forwardedRequest(request.headers, {
          address: request.socket.remoteAddress ?? '127.0.0.1',
          port: request.socket.localPort ?? 80,
        }),
        ...extra,
      },
    });
  }

  function unreachable(name: string, port: number, error: NodeJS.ErrnoException): Refusal {
    deps.log.info({ process: name, port, code: error.code }, 'the proxy got no answer from a process');
    return {
      status: 502,
      text: `"${name}" does not answer on port ${port} (${error.code ?? 'connection closed'}).`,
    };
  }

  return {
    handleRequest(request, response) {
      const found = target(request);
      if ('status' in found) {
        refuse(response, found);
        return;
      }
      const upstream = open(request, found.port, bodyHeaders(request));
      upstream.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, forwardedResponse(answer.headers));
        // A stream of events has a head long before its first byte.
        response.flushHeaders();
        pipeline(answer, response, () => upstream.destroy());
      });
      upstream.on('error', (error) => {
        if (response.headersSent) response.destroy();
        else refuse(response, unreachable(found.name, found.port, error));
      });
      response.once('close', () => upstream.destroy());
      request.pipe(upstream);
    },

    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const found = target(request);
      if ('status' in found) {
        refuseSocket(socket, found);
        return;
      }
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        refuseSocket(socket, { status: 400, text: 'Only WebSocket upgrades pass.' });
        return;
      }
      const upstream = open(request, found.port, { connection: 'Upgrade', upgrade: 'websocket' });
      upstream.once('upgrade', (answer, other, first) => {
        other.on('error', () => other.destroy());
        socket.write(headOf(answer, { connection: 'Upgrade', upgrade: 'websocket' }));
        if (first.length > 0) socket.write(first);
        if (head.length > 0) other.write(head);
        pipeline(other, socket, () => socket.destroy());
        pipeline(socket, other, () => other.destroy());
      });
      upstream.once('response', (answer) => {
        // The process refuses the upgrade in its own words.
        socket.write(headOf(answer, { connection: 'close' }));
        pipeline(answer, socket, () => socket.destroy());
      });
      upstream.on('error', (error) => refuseSocket(socket, unreachable(found.name, found.port, error)));
      socket.once('close', () => upstream.destroy());
      upstream.end();
    },
  };
}

/** RFC 9112, 3.2: a request with two is refused, for each reader could choose another one. */
function hostsOf({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** Length or chunks: the framing of a body is ours to choose again, so it is taken from what the parser accepted. */
function bodyHeaders({ headers }: IncomingMessage): Record<string, string> {
  return headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
}

function headOf(answer: IncomingMessage, extra: Record<string, string>): string {
  const lines = Object.entries({ ...forwardedResponse(answer.headers), ...extra }).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}\r\n${lines.join('')}\r\n`;
}

const REASONS = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  502: 'Bad Gateway',
} as const;

function refuse(response: ServerResponse, { status, text }: Refusal): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}

function refuseSocket(socket: Duplex, { status, text }: Refusal): void {
  if (!socket.writable) return;
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
