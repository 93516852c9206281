/** What a listener expects of a request before anything reads its body. */
export interface Expectation {
  /** Exactly these values of Host, lower case: `127.0.0.1:8080`, or the public name of the tunnel. */
  readonly hosts: readonly string[];
  /** `http` on this machine, `https` behind the tunnel: the scheme of an acceptable Origin. */
  readonly scheme: 'http' | 'https';
  /** A local listener refuses what came through a proxy: cloudflared connects from loopback too. */
  readonly local: boolean;
}

export type Objection = { readonly status: 400 | 403 | 421; readonly message: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'cf-connecting-ip', 'cf-ray'];

/**
 * DNS rebinding, cross-site and forwarded requests, refused before authentication. `Host` must be exactly ours; an
 * `Origin`, where there is one, must be ours too (MCP 2026-07-28: servers MUST answer 403 to an invalid Origin).
 */
export function objectTo(headers: Headers, expected: Expectation): Objection | null {
  const host = headers['host'];
  if (typeof host !== 'string' || !expected.hosts.includes(host.toLowerCase())) {
    return { status: 421, message: 'this listener does not answer for that Host' };
  }
  if (expected.local && FORWARDED.some((name) => headers[name] !== undefined)) {
    return { status: 403, message: 'this listener answers on this machine only' };
  }
  const origin = headers['origin'];
  if (origin === undefined) return null;
  // Its own name and no other of ours: a page at one name does not speak for another.
  if (typeof origin !== 'string' || origin.toLowerCase() !== `${expected.scheme}://${host.toLowerCase()}`) {
    return { status: 403, message: 'requests of other origins are refused' };
  }
  return null;
}

/** All ways to write a loopback listener in a Host header. */
export function loopbackHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}
