import type { HostClient } from '../../contract/client.ts';
import type { SignalboxApi } from '../../preload/api.ts';
import type { HostLink } from './link.ts';

declare global {
  interface Window {
    /** Put there by the preload of the desktop app; absent in a browser. */
    readonly signalbox?: SignalboxApi;
  }
}

type Verbs = Readonly<Record<string, (input: unknown) => Promise<never>>>;

/** The dashboard in the tray app: the host is this very program, so the link is up as long as the window is. */
export function createPreloadLink(api: SignalboxApi): HostLink {
  const services = api as unknown as Readonly<Record<string, Verbs>>;
  const client: HostClient = {
    async call(name, input) {
      const [service = '', verb = ''] = name.split('.');
      const run = services[service]?.[verb];
      if (run) return run(input);
      return {
        ok: false,
        error: { code: 'unknown_command', message: `the desktop app has no command ${name}` },
      };
    },
    subscribe: api.subscribe,
    follow: api.follow,
  };
  return {
    client,
    watch(listener) {
      listener({ kind: 'online' });
      return () => undefined;
    },
    retry: () => undefined,
  };
}
