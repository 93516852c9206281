import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect, type LookupFunction } from 'node:net';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroup, ProcessGroups, SpawnRequest } from '../../kernel/process-groups.ts';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;
const ONE_TRY_MS = 3000;

/** One try that answers once, with true for success; the returned function gives it up. */
export type Try = (done: (worked: boolean) => void) => () => void;

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

/** A GET is answered with a status of this range, both ends included. No body is read, no redirect followed. */
export function httpTry(url: string, [lowest, highest]: readonly [number, number] = [200, 399]): Try {
  return (done) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    const request = get(url, { agent: false, headers: { connection: 'close' } });
    const finish = once((worked: boolean) => {
      request.destroy();
      done(worked);
    });
    request.once('response', ({ statusCode = 0 }: IncomingMessage) =>
      finish(statusCode >= lowest && statusCode <= highest),
    );
    request.on('error', () => finish(false));
    return () => finish.cancel(() => request.destroy());
  };
}

/** A command ends with code 0. */
export function commandTry(groups: ProcessGroups, request: SpawnRequest): Try {
  return (done) => {
    let group: ProcessGroup | null = null;
    const finish = once((worked: boolean) => done(worked));
    groups.spawn(request).then(
      (started) => {
        group = started;
        group.stdout.resume();
        group.stderr.resume();
        void group.exited.then(({ code }) => finish(code === 0));
        if (finish.isOver()) void group.stop();
      },
      () => finish(false),
    );
    return () => finish.cancel(() => void group?.stop());
  };
}

/** Asks once. @returns false too when no answer came in time; the second function gives it up without an answer */
export function probeOnce(
  attempt: Try,
  timeoutMs: number,
  clock: Clock,
  answered: (worked: boolean) => void,
): () => void {
  const cancelTimeout = clock.after(timeoutMs, () => {
    giveUp();
    answered(false);
  });
  const giveUp = attempt((worked) => {
    cancelTimeout();
    answered(worked);
  });
  return () => {
    cancelTimeout();
    giveUp();
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

interface Once {
  cancel(clean: () => void): void;
  isOver(): boolean;
}

function once<T>(run: (value: T) => void): ((value: T) => void) & Once {
  let over = false;
  const call = (value: T) => {
    if (over) return;
    over = true;
    run(value);
  };
  return Object.assign(call, {
    isOver: () => over,
    cancel(clean: () => void) {
      over = true;
      clean();
    },
  });
}
