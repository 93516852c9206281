import { HostError } from '../../../contract/errors.ts';
import { text, type Database } from '../../kernel/database.ts';

export interface PortBook {
  /**
   * Listens on the port of the configuration, else on the one that this listener had the last time, else on the first of
   * `range` that is free, else on any.
   * Clients are told an address once; a restart of the host must not send them to another one.
   * @param wanted the configured port; 0 when none is
   * @param range first and last port that are tried before any other, for addresses that people type
   * @param listen resolves with the port that it got; rejects when it got none
   * @throws HostError `conflict` when the configured port cannot be had
   */
  listen(
    name: string,
    wanted: number,
    listen: (port: number) => Promise<number>,
    range?: readonly [first: number, last: number],
  ): Promise<number>;
}

/** Remembers the port of each listener. */
export function createPortBook(db: Database): PortBook {
  function lastPort(name: string): number {
    const row = db.get('SELECT value FROM meta WHERE key = ?', `port.${name}`);
    return row ? Number(text(row, 'value')) : 0;
  }

  function remember(name: string, port: number): number {
    db.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', `port.${name}`, String(port));
    return port;
  }

  return {
    async listen(name, wanted, listen, range) {
      if (wanted !== 0) {
        return listen(wanted).catch((error: unknown) => {
          const { code } = error as NodeJS.ErrnoException;
          const reason = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${code})`;
          throw new HostError(
            'conflict',
            `port ${wanted} of listeners.${name} in config.yaml ${reason}; choose another`,
          );
        });
      }
      const last = lastPort(name);
      if (last !== 0) {
        const again = await unlessTaken(listen(last));
        if (again !== null) return again;
      }
      // Somebody else has it now, or there was none: what is got is remembered in its place.
      const [first, end] = range ?? [1, 0];
      for (let port = first; port <= end; port += 1) {
        const got = await unlessTaken(listen(port));
        if (got !== null) return remember(name, got);
      }
      return remember(name, await listen(0));
    },
  };
}

/** The port; null when another program has it. */
async function unlessTaken(listening: Promise<number>): Promise<number | null> {
  try {
    return await listening;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return null;
  }
}
