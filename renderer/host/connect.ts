import { createBrowserAdmission, type BrowserAdmission } from './browser-admission.ts';
import type { HostLink } from './link.ts';
import { createPreloadLink } from './preload-link.ts';
import { createSocketLink } from './socket-link.ts';

export interface Connection {
  readonly link: HostLink;
  /** Null in the tray app, where there is no browser to admit. */
  readonly admission: BrowserAdmission | null;
}

/** The preload's carrier where there is one, else a WebSocket to the origin that served this page. */
export function connectToHost(page: Window): Connection {
  if (page.signalbox) return { link: createPreloadLink(page.signalbox), admission: null };
  const admission = createBrowserAdmission((url, init) => page.fetch(url, init));
  return { admission, link: createSocketLink({ ...socketPorts(page), probe: admission.probe }) };
}

function socketPorts(page: Window) {
  const { protocol, host } = page.location;
  const address = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/host`;
  return {
    openSocket(events: { opened(): void; text(text: string): void; closed(code: number): void }) {
      const socket = new WebSocket(address);
      socket.addEventListener('open', () => events.opened());
      socket.addEventListener('message', (event: MessageEvent<unknown>) => events.text(String(event.data)));
      socket.addEventListener('close', (event) => events.closed(event.code));
      return socket;
    },
    setTimer(run: () => void, ms: number) {
      const timer = page.setTimeout(run, ms);
      return () => page.clearTimeout(timer);
    },
    random: Math.random,
    newCommandId: () => base64url(crypto.getRandomValues(new Uint8Array(16))),
  };
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
