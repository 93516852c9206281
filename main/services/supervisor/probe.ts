import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect, type LookupFunction } from 'node:net';
import type { Clock } from '../../kernel/ports.ts';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;
const ONE_TRY_MS = 3000;

/** One try that answers once, with true for success; the returned function gives it up. */
type Try = (done: (worked: boolean) => void) => () => void;

/** Both loopback addresses: servers that bind `localhost` choose either. No name service is asked. */
export const loopbackLookup: LookupFunction = (_name, _options, answer) => {
  answer(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
};

/** Something accepts connections at a loopback port. */
export function tcpTry(port: number): Try {
  return (done) => {
    const socket = connect({ host: 'localhost', port, lookup: loopbackLookup, autoSelectFamily: true });
    const finish = once((worked: boolean) => {
      socket.destroy();
      done(worked);
    });
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    return () => finish.cancel(() => socket.destroy());
  };
}

/** A GET is answered with 2xx or 3xx. The body is not read; redirects are not followed. */
export function httpTry(url: string): Try {
  return (done) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    const request = get(url, { agent: false, headers: { connection: 'close' } });
    const finish = once((worked: boolean) => {
      request.destroy();
      done(worked);
    });
    request.once('response', ({ statusCode = 0 }: IncomingMessage) =>
      finish(statusCode >= 200 && statusCode < 400),
    );
    request.on('error', () => finish(false));
    return () => finish.cancel(() => request.destroy());
  };
}

/** Tries until it works, with pauses from 50 ms up to a second. The returned function stops it. */
export function probeUntil(attempt: Try, clock: Clock, worked: () => void): () => void {
  let cancel = () => {};
  const tryAfter = (delay: number) => {
    const giveUp = attempt((success) => {
      cancelTimeout();
      if (success) worked();
      else cancel = clock.after(delay, () => tryAfter(Math.min(delay * 2, LONGEST_RETRY_MS)));
    });
    const cancelTimeout = clock.after(ONE_TRY_MS, () => {
      giveUp();
      tryAfter(delay);
    });
    cancel = () => {
      cancelTimeout();
      giveUp();
    };
  };
  tryAfter(FIRST_RETRY_MS);
  return () => cancel();
}

/** Asks once whether somebody listens at a loopback port already. */
export function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => void tcpTry(port)(resolve));
}

function once<T>(run: (value: T) => void): ((value: T) => void) & { cancel: (clean: () => void) => void } {
  let over = false;
  const call = (value: T) => {
    if (over) return;
    over = true;
    run(value);
  };
  return Object.assign(call, {
    cancel(clean: () => void) {
      over = true;
      clean();
    },
  });
}
