import type { PasskeySupport } from '../../../contract/presence.ts';

export interface Served {
  readonly dashboard: string | null;
  readonly tunnel: { readonly url: string; readonly isStable: boolean } | null;
}

/**
 * Whether a passkey can be made and used on a page of this origin. An RP ID is a name, never an IP address, and
 * must outlive the passkey (WebAuthn level 3, section 5.1.2); `http://localhost` is the one origin without TLS.
 * Only the exact origins that this host serves now are ever available.
 */
export function passkeySupport(origin: string | undefined, served: Served): PasskeySupport {
  const local = localOrigin(served.dashboard);
  const way = local === null ? 'open the dashboard in a browser on this machine' : `open ${local}`;
  const url = origin === undefined || !URL.canParse(origin) ? null : new URL(origin);
  if (url === null || url.origin === 'null') {
    return no('not-this-screen', `a passkey belongs to a page of a browser: ${way}`);
  }
  // Whatever does not come back as it was given was not written by a browser.
  if (url.origin !== origin) return no('other-site', `this is not an origin: ${way}`);
  if (isAddress(url.hostname)) {
    return no('address', `a passkey cannot belong to an IP address: ${way}`);
  }
  if (origin === local) return { state: 'available', rpId: 'localhost' };
  if (isBelow(url.hostname, 'trycloudflare.com')) return quickTunnel(way);
  const { tunnel } = served;
  if (tunnel !== null && origin === new URL(tunnel.url).origin && url.protocol === 'https:') {
    return tunnel.isStable ? { state: 'available', rpId: url.hostname } : quickTunnel(way);
  }
  return no('other-site', `this host does not serve that page: ${way}`);
}

/** The dashboard under the name that a passkey can belong to. */
export function localOrigin(dashboard: string | null): string | null {
  return dashboard === null ? null : `http://localhost:${new URL(dashboard).port}`;
}

function quickTunnel(way: string): PasskeySupport {
  return no(
    'quick-tunnel',
    `the name of a quick tunnel ends with it, and a passkey with the name: ${way}, use the phone, or a named tunnel`,
  );
}

function no(reason: Extract<PasskeySupport, { state: 'unavailable' }>['reason'], message: string) {
  return { state: 'unavailable', reason, message } as const;
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
const isBelow = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);
