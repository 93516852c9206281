import type { IncomingHttpHeaders } from 'node:http';

/** RFC 9110, 7.6.1: they belong to one connection and end at each proxy. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Only we may say where a request came from. */
const FORWARDED = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
]);
const OWN_COOKIE = /^(?:__host-|__secure-)?signalbox/i;
const OWN_AUTHORIZATION = /^bearer\s+signalbox_/i;

type Headers = Record<string, string | string[]>;

/** The name of the process in a `Host` header, `<name>.localhost[:port]`; null for any other host. Pure. */
export function processOfHost(host: string | undefined): string | null {
  return /^([a-z0-9][a-z0-9-]{0,62})\.localhost(?::\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase() ?? null;
}

/**
 * What of a request goes on to the process. Pure. The host stays as it was asked for, so that links and checks of
 * origins in the process agree with the browser. Cookies and tokens of Signalbox itself never go on.
 */
export function forwardedRequest(
  headers: IncomingHttpHeaders,
  from: { address: string; port: number },
): Headers {
  const kept = endToEnd(headers, FORWARDED);
  if (OWN_AUTHORIZATION.test(headers.authorization?.trim() ?? '')) delete kept['authorization'];
  const cookies = (headers.cookie ?? '').split(';').filter((cookie) => !OWN_COOKIE.test(cookie.trim()));
  delete kept['cookie'];
  if (cookies.some((cookie) => cookie.trim() !== '')) kept['cookie'] = cookies.join(';').trim();
  return {
    ...kept,
    'x-forwarded-for': from.address,
    'x-forwarded-host': headers.host ?? '',
    'x-forwarded-port': String(from.port),
    'x-forwarded-proto': 'http',
  };
}

/** What of an answer goes back. A process cannot set cookies that look like ours. Pure. */
export function forwardedResponse(headers: IncomingHttpHeaders): Headers {
  const kept = endToEnd(headers);
  const cookies = (headers['set-cookie'] ?? []).filter((cookie) => !OWN_COOKIE.test(cookie.trim()));
  delete kept['set-cookie'];
  return cookies.length > 0 ? { ...kept, 'set-cookie': cookies } : kept;
}

function endToEnd(headers: IncomingHttpHeaders, others: ReadonlySet<string> = new Set()): Headers {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const kept: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    const stays = !HOP_BY_HOP.has(name) && !others.has(name) && !named.includes(name);
    if (value !== undefined && stays) kept[name] = value;
  }
  return kept;
}
