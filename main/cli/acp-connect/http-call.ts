import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../kernel/ports.ts';
import type { Failure } from '../failure.ts';
import { MAX_FRAME, PING_MS } from './link.ts';
import { tooSlow, unreachable } from './refusal.ts';
import type { RemoteDeps } from './ws-link.ts';

export interface Call {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** For the head of the answer. */
  readonly timeoutMs: number;
}

export interface HttpCaller {
  /** Resolves with the head of the answer, whatever its status. @throws Failure */
  call(call: Call): Promise<IncomingMessage>;
  /** Cuts everything that is open. */
  destroy(): void;
}

/** Requests to one address, with its cookies. Redirects are not followed: a token is for one address only. */
export function createHttpCaller({ url, headers, cookies, clock }: RemoteDeps): HttpCaller {
  const isSecure = url.protocol === 'https:';
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const send = isSecure ? httpsRequest : httpRequest;
  return {
    call: ({ method, headers: own, body, timeoutMs }) =>
      new Promise((resolve, reject) => {
        const cookie = cookies.header();
        const request = send(url, {
          method,
          agent,
          headers: {
            ...headers,
            ...own,
            ...(cookie !== null && { cookie }),
            ...(body && { 'content-length': body.length }),
          },
        });
        const fail = (failure: Failure) => {
          stop();
          request.destroy();
          reject(failure);
        };
        const stop = clock.after(timeoutMs, () => fail(tooSlow(url, `answer a ${method}`, timeoutMs)));
        request.on('socket', (socket) => socket.setKeepAlive(true, PING_MS));
        request.on('error', (error) => fail(unreachable(url, error.message)));
        request.once('response', (response) => {
          stop();
          cookies.take(response.headers['set-cookie']);
          resolve(response);
        });
        request.end(body);
      }),
    destroy: () => agent.destroy(),
  };
}

/** A whole body; undefined when it is larger than a message may be, broken off, or too slow. */
export function readBody(response: IncomingMessage, clock: Clock, ms: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const end = (body: Buffer | undefined) => {
      stop();
      if (!body) response.destroy();
      resolve(body);
    };
    const stop = clock.after(ms, () => end(undefined));
    response.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MAX_FRAME) end(undefined);
      else parts.push(part);
    });
    response.once('error', () => end(undefined));
    response.once('end', () => end(Buffer.concat(parts)));
    response.once('close', () => end(undefined));
  });
}
