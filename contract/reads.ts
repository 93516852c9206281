import type { Schedule } from './channel/channel-handshake.ts';
import type { CallResult } from './client.ts';
import type { CommandName, InputOf } from './commands.ts';
import type { LiveConnection } from './live-connection.ts';

/** How long a question waits for a connection, in milliseconds, before it is answered `unavailable`. */
export const READ_PATIENCE_MS = 10_000;

interface Read {
  readonly name: CommandName;
  readonly input: unknown;
  readonly resolve: (result: CallResult<never>) => void;
  on: LiveConnection | null;
  cancel: () => void;
}

/** Commands that only read: asked again on the next connection as often as it takes, never written down. */
export function createReads(schedule: Schedule, changed: () => void) {
  const reads = new Set<Read>();

  function settle(read: Read, result: CallResult<never>): void {
    if (!reads.delete(read)) return;
    read.cancel();
    read.resolve(result);
    changed();
  }

  function waitFor(read: Read): void {
    read.cancel();
    read.on = null;
    read.cancel = schedule(READ_PATIENCE_MS, () => settle(read, unavailable('not connected to the host')));
  }

  return {
    on: (connection: LiveConnection) => [...reads].filter((read) => read.on === connection).length,
    ask<N extends CommandName>(name: N, input: InputOf<N>): Promise<CallResult<N>> {
      return new Promise((resolve) => {
        const read: Read = { name, input, resolve, on: null, cancel: () => {} };
        reads.add(read);
        waitFor(read);
        changed();
      });
    },
    /** Sends up to `room` of those that this connection has not carried yet. */
    send(connection: LiveConnection, room: number): void {
      const due = [...reads].filter((read) => read.on !== connection).slice(0, Math.max(0, room));
      for (const read of due) {
        read.cancel();
        read.on = connection;
        void connection.client.request(read.name, read.input as never, {}).then((result) => {
          if (connection.isOpen()) settle(read, result as CallResult<never>);
        });
      }
    },
    /** This connection is gone without a next one. */
    lost(connection: LiveConnection): void {
      for (const read of reads) if (read.on === connection) waitFor(read);
    },
    end(reason: string): void {
      for (const read of [...reads]) settle(read, unavailable(reason));
    },
  };
}

export function unavailable(message: string, data?: Record<string, unknown>): CallResult<never> {
  return { ok: false, error: { code: 'unavailable', message, ...(data && { data }) } };
}
