const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const PUBLIC = new RegExp(`^(?=.{4,253}$)(?:${LABEL}\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`);
const QUICK = new RegExp(`^(?=.{4,253}$)${LABEL}\\.trycloudflare\\.com$`);
/** Names that never mean a host on the internet (RFC 6761, 6762, 8375, 9476). */
const NOT_PUBLIC = /\.(?:localhost|local|internal|test|example|invalid|onion|alt|arpa|lan|home)$/;

/** A public host name in lower case, or null: no address, port, path, user or empty label. Pure. */
export function publicHostname(text: string): string | null {
  const name = text.toLowerCase();
  return PUBLIC.test(name) && !NOT_PUBLIC.test(name) ? name : null;
}

/** The name that Cloudflare gave a quick tunnel; null for anything else, however it looks. Pure. */
export function quickHostname(text: string): string | null {
  return QUICK.test(text) ? text : null;
}
