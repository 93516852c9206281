import { get } from 'node:http';
import * as z from 'zod';

const TIMEOUT_MS = 3000;
const MAX_BODY = 65_536;

const ReadyAnswer = z.object({ status: z.number(), readyConnections: z.number() });
const QuickAnswer = z.object({ hostname: z.string().max(253) });

/** Whether cloudflared holds a connection to the edge. Anything but a clear yes is a no. */
export async function isConnected(port: number): Promise<boolean> {
  const answer = ReadyAnswer.safeParse(await fetchJson(port, '/ready'));
  return answer.success && answer.data.status === 200 && answer.data.readyConnections >= 1;
}

/** The name of a quick tunnel as cloudflared says it, unchecked; empty when it says none. */
export async function announcedHostname(port: number): Promise<string> {
  const answer = QuickAnswer.safeParse(await fetchJson(port, '/quicktunnel'));
  return answer.success ? answer.data.hostname : '';
}

/** A JSON answer of the metrics listener of cloudflared; null for every failure. Never rejects. */
function fetchJson(port: number, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          body += piece;
          if (body.length > MAX_BODY) request.destroy();
        });
        response.once('end', () => resolve(parseJson(body)));
        response.once('close', () => resolve(null));
        response.on('error', () => resolve(null));
      },
    );
    request.on('error', () => resolve(null));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
