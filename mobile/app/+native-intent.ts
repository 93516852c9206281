import { incomingLink, mayBePairingLink } from '../features/pairing/pairing-link.ts';

/** Keeps the secret of a pairing link out of the router: the link is set aside and the pairing screen opened instead. */
export function redirectSystemPath({ path }: { path: string; initial: boolean }): string {
  if (!mayBePairingLink(path)) return path;
  incomingLink.put(path);
  return '/pair';
}
