import { Failure } from '../failure.ts';

/** What an HTTP status of the remote side means to the person. Pure. */
export function refusal(status: number, url: URL): Failure {
  if (status === 401 || status === 403) {
    return new Failure(
      'not_permitted',
      `${url.host} does not take this token; make one there with: signalbox acp token create`,
    );
  }
  if (status === 404) return new Failure('not_found', `${url.host} serves no agent at ${url.pathname}`);
  return new Failure('unavailable', `${url.host} answered ${status}`);
}

export function unreachable(url: URL, why: string): Failure {
  return new Failure('unavailable', `${url.host} cannot be reached: ${why}`);
}

export function tooSlow(url: URL, what: string, ms: number): Failure {
  return new Failure('timed_out', `${url.host} did not ${what} within ${ms / 1000} seconds`);
}
