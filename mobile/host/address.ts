function isPrivateV4(name: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name)?.slice(1).map(Number);
  if (!parts) return false;
  const [first = 0, second = 0] = parts;
  if (first === 127 || first === 10) return true;
  if (first === 172) return second >= 16 && second <= 31;
  return (first === 192 && second === 168) || (first === 169 && second === 254);
}

function isNearby(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name.endsWith('.local')) return true;
  if (!name.startsWith('[')) return isPrivateV4(name);
  // Loopback, unique local (fc00::/7) and link local (fe80::/10).
  return name === '[::1]' || /^\[f[cd]/.test(name) || /^\[fe[89ab]/.test(name);
}

/**
 * Where the encrypted channel of `host` (`name[:port]`) is: TLS everywhere but on this machine and in private
 * networks, which have no certificates. The channel is encrypted and authentic either way; TLS only hides the metadata.
 */
export function channelUrl(host: string): string {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return `${isNearby(name) ? 'ws' : 'wss'}://${host}/e2e`;
}

/** `name[:port]` of a web address as a host says it (its tunnel), or undefined when it is none. */
export function hostOf(url: string): string | undefined {
  return /^https:\/\/([a-z0-9.-]{1,253}(?::\d{1,5})?)(?:\/|$)/i.exec(url)?.[1]?.toLowerCase();
}
