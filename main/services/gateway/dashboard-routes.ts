import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import * as z from 'zod';
import { DisplayName } from '../../../contract/ids.ts';
import { MAX_MESSAGE_BYTES } from '../../../contract/wire.ts';
import type { KeepSecret, RandomSource } from '../../kernel/ports.ts';
import { endAll } from './end-all.ts';
import { refuseUpgrade, type Listener } from './http-listener.ts';
import type { BrowserIdentity, Door } from './ports.ts';

const COOKIE = 'signalbox_session';
const MAX_BUFFERED = 16 * 1024 * 1024;
const CLOSE_BAD_MESSAGE = 4400;
const CLOSE_NOT_ADMITTED = 4401;
const AdmitRequest = z.strictObject({ name: DisplayName });

/**
 * The dashboard of a host without a display. A browser is admitted like a phone: it shows a code, and the owner
 * confirms the code at the machine. No secret stands in a URL, a page or the terminal.
 */
export function addDashboardRoutes(
  listener: Listener,
  deps: {
    browsers: BrowserIdentity;
    door: Door;
    random: RandomSource;
    hash(secret: string): string;
    keepSecret?: KeepSecret | undefined;
    /** A cookie came that opens nothing. */
    refused(): void;
  },
): { stop(): Promise<void> } {
  const { browsers, door, random, hash, refused } = deps;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  const decisions = new Map<string, Promise<boolean>>();

  listener.addRoutes((app) => {
    app.post('/admit', async (request, reply) => {
      const parsed = AdmitRequest.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: 'send {"name": "…"}' });
      const secret = Buffer.from(random.bytes(32)).toString('base64url');
      const { deviceId, checkCode, decided } = browsers.requestAdmission(parsed.data.name, hash(secret));
      decisions.set(deviceId, decided);
      void decided.finally(() => decisions.delete(deviceId));
      // The cookie opens nothing until the owner has confirmed the code.
      const attributes = 'HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000';
      return reply.header('set-cookie', `${COOKIE}=${secret}; ${attributes}`).send({ deviceId, checkCode });
    });

    app.get<{ Params: { id: string } }>('/admit/:id', async (request, reply) => {
      // Held until the owner has decided: the page learns of it at once and asks once.
      const decided = await decisions.get(request.params.id);
      if (decided !== undefined) return reply.send({ state: decided ? 'admitted' : 'refused' });
      if (browserOf(request.raw, null)) return reply.send({ state: 'admitted' });
      return reply.code(404).send({ error: 'no browser waits under this id' });
    });

    // A page cannot read why a WebSocket was refused; it asks here.
    app.get('/host', async (request, reply) => {
      const admitted = browserOf(request.raw, null) !== null;
      return reply
        .code(admitted ? 426 : 401)
        .send({ error: admitted ? 'a WebSocket is served here' : 'not admitted' });
    });
  });

  function browserOf(req: IncomingMessage, close: (() => void) | null) {
    const secret = /(?:^|;\s*)signalbox_session=([A-Za-z0-9_-]{43})(?:;|$)/.exec(
      req.headers.cookie ?? '',
    )?.[1];
    const browser = secret === undefined ? null : browsers.browser(hash(secret), close);
    // Not before: anybody on this machine can make up cookies.
    if (browser && secret !== undefined) deps.keepSecret?.(secret);
    return browser;
  }

  function serve(socket: WebSocket, req: IncomingMessage): void {
    const browser = browserOf(req, () => socket.close(CLOSE_NOT_ADMITTED));
    if (!browser) {
      refused();
      return socket.close(CLOSE_NOT_ADMITTED);
    }
    const connection = door.connect(browser.caller, (message) => {
      if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
      else socket.send(JSON.stringify(message));
    });
    socket.on('message', (data: Buffer, isBinary) => {
      try {
        if (isBinary) throw new TypeError('text only');
        connection.receive(JSON.parse(data.toString('utf8')));
      } catch {
        socket.close(CLOSE_BAD_MESSAGE);
      }
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      connection.close();
      browser.gone();
    });
  }

  listener.onUpgrade((req, socket, head) => {
    if (req.url !== '/host') return false;
    // A WebSocket ignores the same-origin policy: without an Origin of ours no cookie counts.
    if (req.headers.origin === undefined) refuseUpgrade(socket, 403);
    else sockets.handleUpgrade(req, socket, head, (webSocket) => serve(webSocket, req));
    return true;
  });

  return {
    async stop() {
      sockets.close();
      await endAll(sockets.clients);
    },
  };
}
