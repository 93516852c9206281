import { usage } from '../failure.ts';

const LOOPBACK = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface RemoteAddress {
  readonly url: URL;
  readonly transport: 'websocket' | 'http';
}

/**
 * Where a remote agent is, and which of the two transports of ACP its address asks for. Pure.
 * @param insecure take an unencrypted address that is not of this machine
 * @throws Failure `invalid_input`
 */
export function remoteAddress(text: string, { insecure = false } = {}): RemoteAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['ws:', 'wss:', 'http:', 'https:'].includes(url.protocol))
    throw usage('the address must begin with wss:// or https:// (or ws:// or http:// on this machine)');
  if (url.username !== '' || url.password !== '')
    throw usage('put the token into a file, never into the address');
  if (url.hash !== '') throw usage('an address of an agent has no part behind "#"');
  const isClear = url.protocol === 'ws:' || url.protocol === 'http:';
  if (isClear && !insecure && !LOOPBACK.test(url.hostname)) {
    const safe = url.protocol === 'ws:' ? 'wss://' : 'https://';
    throw usage(
      `${url.protocol}// would send token and conversation in the clear; use ${safe}, or --insecure if the way there is protected otherwise`,
    );
  }
  return { url, transport: url.protocol.startsWith('ws') ? 'websocket' : 'http' };
}
