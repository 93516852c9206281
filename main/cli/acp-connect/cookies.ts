const MAX_COOKIES = 50;
const MAX_BYTES = 4096;

/** The cookies of one address, as the transport draft asks of clients: a balancer keeps a client at its server so. */
export interface Cookies {
  take(headers: readonly string[] | undefined): void;
  /** The header, or null when there are none. */
  header(): string | null;
}

/** They are sent back to the one address that they came from, and live as long as this process. */
export function createCookies(): Cookies {
  const kept = new Map<string, string>();
  return {
    take(headers) {
      for (const header of headers ?? []) {
        const [pair = '', ...attributes] = header.split(';');
        const at = pair.indexOf('=');
        const name = pair.slice(0, at).trim();
        const value = pair.slice(at + 1).trim();
        if (at < 1 || header.length > MAX_BYTES) continue;
        if (attributes.some((attribute) => /^\s*max-age\s*=\s*(?:0|-\d+)\s*$/i.test(attribute)))
          kept.delete(name);
        else if (kept.size < MAX_COOKIES || kept.has(name)) kept.set(name, value);
      }
    },
    header: () => (kept.size === 0 ? null : [...kept].map(([name, value]) => `${name}=${value}`).join('; ')),
  };
}
