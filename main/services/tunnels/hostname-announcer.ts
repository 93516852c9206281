/** Hears the public host name as soon as it is known, and null as soon as it must not be answered any more. */
export type HostnameListener = (hostname: string | null) => void;

/** Tells the public host name to whoever must know it; each change once, at once. */
export function createHostnameAnnouncer() {
  const listeners = new Set<HostnameListener>();
  let hostname: string | null = null;
  return {
    current: () => hostname,
    tell(name: string | null): void {
      if (name === hostname) return;
      hostname = name;
      for (const listener of [...listeners]) listener(name);
    },
    /** Tells the name of now, then every change. @returns ends the subscription */
    subscribe(listener: HostnameListener): () => void {
      listeners.add(listener);
      listener(hostname);
      return () => void listeners.delete(listener);
    },
  };
}
