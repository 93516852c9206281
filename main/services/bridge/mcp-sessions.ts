import type { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { Caller } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { BridgeMcpServer } from './mcp-server.ts';

export interface McpSession {
  readonly id: string;
  readonly caller: Caller;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly bridge: BridgeMcpServer;
}

export interface McpSessions {
  add(session: McpSession): void;
  /** The session, if it belongs to this caller with the rights it had at its start; else as if it did not exist. */
  find(id: string, caller: Caller): McpSession | null;
  /** Counts an exchange; the returned function ends it. A session with an open exchange is never idle. */
  enter(id: string): () => void;
  /** Makes room for one more of a principal: its longest idle session ends. False if all are in use. */
  makeRoom(principal: string): boolean;
  remove(id: string): void;
  closePrincipal(principal: string): Promise<void>;
  closeAll(): Promise<void>;
  all(): readonly McpSession[];
}

interface Entry {
  readonly session: McpSession;
  open: number;
  lastUsed: number;
  cancelExpiry: () => void;
}

/** Sessions of the 2025 revisions: an id is an address, never a credential. */
export function createMcpSessions(deps: { clock: Clock; idleMs: number; perPrincipal: number }): McpSessions {
  const { clock, idleMs, perPrincipal } = deps;
  const entries = new Map<string, Entry>();

  const close = async (entry: Entry): Promise<void> => {
    entry.cancelExpiry();
    entries.delete(entry.session.id);
    await entry.session.bridge.server.close().catch(() => {});
  };
  const expireLater = (entry: Entry): void => {
    entry.cancelExpiry();
    entry.lastUsed = clock.monotonic();
    entry.cancelExpiry = clock.after(idleMs, () => void close(entry));
  };
  const of = (principal: string): Entry[] =>
    [...entries.values()].filter((entry) => entry.session.caller.principal === principal);

  return {
    add(session) {
      const entry: Entry = { session, open: 0, lastUsed: clock.monotonic(), cancelExpiry: () => {} };
      entries.set(session.id, entry);
      expireLater(entry);
    },
    find(id, caller) {
      const session = entries.get(id)?.session;
      return session !== undefined && isSame(session.caller, caller) ? session : null;
    },
    enter(id) {
      const entry = entries.get(id);
      if (entry === undefined) return () => {};
      entry.open += 1;
      entry.cancelExpiry();
      return () => {
        entry.open -= 1;
        if (entry.open === 0 && entries.get(id) === entry) expireLater(entry);
      };
    },
    makeRoom(principal) {
      const own = of(principal);
      if (own.length < perPrincipal) return true;
      const idle = own.filter((entry) => entry.open === 0).sort((a, b) => a.lastUsed - b.lastUsed)[0];
      if (idle === undefined) return false;
      void close(idle);
      return true;
    },
    remove(id) {
      entries.get(id)?.cancelExpiry();
      entries.delete(id);
    },
    async closePrincipal(principal) {
      await Promise.all(of(principal).map(close));
    },
    async closeAll() {
      await Promise.all([...entries.values()].map(close));
    },
    all: () => [...entries.values()].map((entry) => entry.session),
  };
}

/** A token whose rights have changed starts a new session, so that an old one never outlives them. */
function isSame(a: Caller, b: Caller): boolean {
  return (
    a.principal === b.principal &&
    a.workspaceId === b.workspaceId &&
    a.capabilities.size === b.capabilities.size &&
    [...a.capabilities].every((capability) => b.capabilities.has(capability))
  );
}
