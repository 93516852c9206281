import type { HostEvent } from '../../../contract/host-state.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { KeepSecret, Clock, Log, RandomSource } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';

/** What the tunnels need from their host, and nothing more. */
export interface TunnelsDeps {
  readonly publish: (event: HostEvent) => void;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  readonly audit: Auditor;
  readonly processGroups: ProcessGroups;
  /** Where a cloudflared that Signalbox fetched lies. */
  readonly binDir: string;
  /** Where the configuration that cloudflared gets is written. */
  readonly runDir: string;
  /** `tunnel.binary` of the configuration. */
  readonly configBinary: string | undefined;
  /** The environment of the host: PATH to look in, and a few names that cloudflared needs. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** The local edge listener, `http://127.0.0.1:PORT`: the only thing a tunnel may show. */
  edgeUrl(): Promise<string>;
  /** Without any access token the endpoints would be open to everybody who learns the name. */
  hasToken(): boolean;
  /** The token of a named tunnel is known to the outbound gate before cloudflared gets it. */
  readonly keepSecret?: KeepSecret;
  /** Takes what cloudflared prints. */
  readonly logFile: { write(text: string): void };
}
