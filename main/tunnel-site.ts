import type { TunnelStatus } from '../contract/tunnels.ts';

/** Where an open tunnel leads from; only the name of a quick one ends with it. */
export function tunnelSite(tunnel: TunnelStatus | undefined): { url: string; isStable: boolean } | null {
  const isOpen = tunnel?.state === 'ready' || tunnel?.state === 'reconnecting';
  return isOpen ? { url: tunnel.url, isStable: tunnel.driver !== 'quick' } : null;
}
