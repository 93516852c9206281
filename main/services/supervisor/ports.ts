import type { Auditor } from '../../kernel/auditor.ts';
import type { ByteStreams } from '../../kernel/byte-streams.ts';
import type { Database } from '../../kernel/database.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import type { ShimConnector } from './shim/connect.ts';
import type { HostEvent } from '../../../contract/host-state.ts';

/** What the supervisor needs from its host, and nothing more. */
export interface SupervisorDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  readonly publish: (event: HostEvent) => void;
  readonly audit: Auditor;
  /** Also knows what else the host runs for long. */
  readonly processGroups: ProcessGroups;
  /** The host's own process, for what is told of it; `startedAt` in milliseconds since 1970. */
  readonly hostProcess?: { readonly pid: number; readonly startedAt: number };
  readonly streams: ByteStreams;
  /** How the process that holds the managed processes is reached. */
  readonly shim: ShimConnector;
  /** What becomes of processes that outlived the host before this one; `adopt` when it is not said. */
  readonly afterCrash?: 'adopt' | 'stop';
  /** Tells the owner of something that went wrong behind the scenes. */
  readonly notice?: (message: string) => void;
  /** Folder of the logs: `<name>/stdout.log` and `<name>/stderr.log` below it. */
  readonly logsDir: string;
  /** The environment of the host, of which an allow-list reaches the children. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** Folders of the host that no process in a sandbox sees. */
  readonly hostFolders: readonly string[];
  /** The outbound gate for texts that leave as answers and reasons; without one they leave as they are. */
  readonly sanitize?: (text: string) => string;
  /** Credentials in the environment of a process, for the outbound gate. */
  readonly onSecrets?: (values: readonly string[]) => void;
  /** Absolute path of ripgrep, for searches in logs; throws when there is none. Without it the host searches itself. */
  readonly ripgrepPath?: () => string;
  /** The same for `[from, to)` of a text, judged by the whole of it. */
  readonly part?: (text: string, from: number, to: number) => string;
}
