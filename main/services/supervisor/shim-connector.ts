import type { Clock, Log } from '../../kernel/ports.ts';
import { insideConnector, socketConnector, type ShimConnector } from './shim/connect.ts';
import { createLogSink } from './logs/log-sink.ts';
import { createProcessScan, shareScans } from './shim/run-members.ts';

export interface ShimConnectorOptions {
  /** How the shim is started; null: the host holds the processes itself, and they end with it. */
  readonly argv: readonly string[] | null;
  readonly socket: string;
  readonly pipesFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A shim of its own where one can be started, else one inside the host: then processes do not outlive the host. */
export function shimConnector(options: ShimConnectorOptions): ShimConnector {
  const { argv, clock, log, pipesFolder } = options;
  const inside = insideConnector({
    clock,
    scan: shareScans(createProcessScan(), clock),
    openSink: createLogSink,
    pipesFolder,
  });
  if (argv === null) return inside;
  const outside = socketConnector({ ...options, argv });
  return {
    find: outside.find,
    start: (listener) =>
      outside.start(listener).catch((error: unknown) => {
        // Other failures pass; a program that is missing stays missing.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        log.warn({ program: argv[0] }, 'not found: managed processes will not outlive this host');
        return inside.start(listener);
      }),
  };
}
