import type { CallResult, HostClient } from '../../contract/client.ts';
import type { CommandName } from '../../contract/commands.ts';
import { createMessageClient, type MessageClient } from '../../contract/message-client.ts';
import type { HostMessage } from '../../contract/wire.ts';
import { backoffMs } from './backoff.ts';
import type { HostLink, LinkState } from './link.ts';

/** Close code of a host that no longer knows this browser. */
export const NOT_ADMITTED_CODE = 4401;

export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  /** Called once; `code` as in RFC 6455, section 7.4. */
  closed(code: number): void;
}

export interface SocketLinkDeps {
  /** Starts one connection attempt. */
  openSocket(events: SocketEvents): { send(text: string): void; close(): void };
  /** A refused upgrade does not say why to a page, so the same address is asked once more, plainly. */
  probe(): Promise<'not-admitted' | 'other'>;
  setTimer(run: () => void, ms: number): () => void;
  random(): number;
  newCommandId(): string;
}

interface Attempt {
  readonly client: MessageClient;
  opened: boolean;
  over: boolean;
}

/** HostClient over a WebSocket that comes back by itself; a lost connection answers what was waiting. */
export function createSocketLink(deps: SocketLinkDeps): HostLink {
  const listeners = new Set<(state: LinkState) => void>();
  let state: LinkState = { kind: 'connecting' };
  let current: Attempt | null = null;
  let failures = 0;
  let cancelTimer: () => void = () => undefined;

  function become(next: LinkState): void {
    state = next;
    for (const listener of listeners) listener(next);
  }

  function connect(): void {
    cancelTimer();
    const client = createMessageClient({
      send(message) {
        if (!attempt.opened || attempt.over) throw new Error('not connected');
        socket.send(JSON.stringify(message));
      },
      newCommandId: deps.newCommandId,
    });
    const attempt: Attempt = { client, opened: false, over: false };
    current = attempt;
    const socket = deps.openSocket({
      opened() {
        attempt.opened = true;
        failures = 0;
        become({ kind: 'online' });
      },
      text(text) {
        const message = readMessage(text);
        if (message) client.receive(message);
        else socket.close();
      },
      closed(code) {
        if (attempt.over) return;
        attempt.over = true;
        client.disconnected('the connection to the host was lost');
        void lost(attempt.opened, code);
      },
    });
  }

  async function lost(wasOpen: boolean, code: number): Promise<void> {
    failures += 1;
    become({ kind: 'offline', reason: wasOpen ? 'lost' : 'unreachable' });
    if (code === NOT_ADMITTED_CODE || (!wasOpen && (await deps.probe()) === 'not-admitted')) {
      become({ kind: 'not-admitted' });
      return;
    }
    cancelTimer = deps.setTimer(connect, backoffMs(failures, deps.random()));
  }

  connect();
  return {
    client: currentClient(() => (current?.opened && !current.over ? current.client : null)),
    watch(listener) {
      listeners.add(listener);
      listener(state);
      return () => void listeners.delete(listener);
    },
    retry() {
      if (state.kind === 'online') return;
      become({ kind: 'connecting' });
      connect();
    },
  };
}

/** One client for the screens, whichever connection is up: they never hold a dead one. */
function currentClient(live: () => MessageClient | null): HostClient {
  const unavailable = <N extends CommandName>(): CallResult<N> => ({
    ok: false,
    error: { code: 'unavailable', message: 'not connected to the host' },
  });
  return {
    call: async (name, input) => live()?.call(name, input) ?? unavailable(),
    subscribe: (from, onFrame) => quietly(live()?.subscribe(from, onFrame)),
    follow(source, offset, onChunk, onEnd) {
      const client = live();
      if (!client) {
        onEnd('not connected to the host');
        return () => undefined;
      }
      return quietly(client.follow(source, offset, onChunk, onEnd));
    },
  };
}

/** Closing what went down with its connection is no error. */
function quietly(close: (() => void) | undefined): () => void {
  return () => {
    try {
      close?.();
    } catch {
      // The host forgot it together with the connection.
    }
  };
}

/** The host is this page's own origin; what is checked here is only that it speaks the protocol at all. */
function readMessage(text: string): HostMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('type' in value)) return null;
    return ['reply', 'frame', 'chunk', 'ended'].includes(String(value.type)) ? (value as HostMessage) : null;
  } catch {
    return null;
  }
}
