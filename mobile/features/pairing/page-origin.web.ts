/**
 * Whether this page came over the tunnel. Then the edge could have changed its code, so what it shows is protected by
 * TLS to the edge and not end to end; the page must say so.
 */
export function cameThroughTunnel(): boolean {
  return window.location.protocol === 'https:';
}
