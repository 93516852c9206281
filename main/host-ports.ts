import type { HostMessage } from '../contract/wire.ts';
import type { Caller } from './kernel/caller.ts';
import type { ConfigFile } from './kernel/config.ts';
import type { Connection } from './kernel/connection.ts';
import type { Home } from './kernel/home.ts';
import type { OnceRouter } from './kernel/idempotency.ts';
import type { Clock, Log, RandomSource, SecretStore } from './kernel/ports.ts';
import type { Backlog } from './kernel/state-feed.ts';
import type { HostStore } from './kernel/store.ts';
import type { Doctor } from './services/host/ports.ts';
import type { OsPrompt } from './services/presence/ports.ts';

/** What an entry of the program, or a test, gives a host. */
export interface HostPorts {
  readonly home: Home;
  readonly config: ConfigFile;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly secrets: SecretStore;
  /** Made with the outbound gate of this host, so that no line is written around it. */
  log(sanitize: (text: string) => string): Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly kind: 'tray' | 'headless';
  readonly name: string;
  readonly version: string;
  readonly sites: { dashboard: string; companion: string };
  /** How the process that holds the managed processes is started; null: the host holds them, and they end with it. */
  readonly shimArgv: readonly string[] | null;
  /** How the built-in agent is started. */
  readonly demoArgv: readonly string[];
  ripgrepPath(): string;
  readonly doctor: Doctor;
  /** The prompt of the system at this desktop; one that is never available where there is none. */
  readonly osPrompt: OsPrompt;
}

export interface Host {
  readonly call: OnceRouter;
  readonly store: HostStore;
  /** One client on one carrier. */
  connect(caller: Caller, send: (message: HostMessage) => void, backlog?: Backlog): Connection;
  /** The outbound gate, for the text of a crash report. */
  cleanCrash(text: string): string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
