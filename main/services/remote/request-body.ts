import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kernel/ports.ts';
import { MAX_FRAME } from './limits.ts';

/** All bodies that are being read together, in bytes: many slow clients must not fill the memory. */
const MAX_READING = 8 * MAX_FRAME;
const BODY_MS = 30_000;

export type Body = { readonly bytes: Buffer } | { readonly status: 408 | 413 | 499 | 503 };

/** Reads whole request bodies within limits of size, time and memory. */
export function createBodyReader(clock: Clock): (request: IncomingMessage) => Promise<Body> {
  let reading = 0;
  return (request) =>
    new Promise((resolve) => {
      const parts: Buffer[] = [];
      let size = 0;
      let settled = false;
      function settle(body: Body): void {
        if (settled) return;
        settled = true;
        stop();
        reading -= size;
        request.removeListener('data', take);
        request.resume();
        resolve(body);
      }
      function take(part: Buffer): void {
        size += part.length;
        reading += part.length;
        parts.push(part);
        if (size > MAX_FRAME) settle({ status: 413 });
        else if (reading > MAX_READING) settle({ status: 503 });
      }
      const stop = clock.after(BODY_MS, () => settle({ status: 408 }));
      if (Number(request.headers['content-length'] ?? 0) > MAX_FRAME) {
        settle({ status: 413 });
        return;
      }
      request.on('data', take);
      request.once('end', () => settle({ bytes: Buffer.concat(parts) }));
      request.once('error', () => settle({ status: 499 }));
      request.once('close', () => settle({ status: 499 }));
    });
}
