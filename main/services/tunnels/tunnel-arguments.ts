import { childEnvironment } from '../../guard/child-env.ts';
import type { TunnelDriver } from '../../../contract/tunnels.ts';

/** The grace period that cloudflared gives requests in flight; it is killed three seconds later. */
const GRACE_SECONDS = 5;
export const STOP_GRACE_MS = (GRACE_SECONDS + 3) * 1000;

export interface TunnelPlan {
  readonly driver: TunnelDriver;
  /** A configuration of ours: without one cloudflared merges the user's own, whose rules win over `--url`. */
  readonly configFile: string;
  /** `http://127.0.0.1:PORT` */
  readonly edgeUrl: string;
  readonly tokenFile: string | null;
  /** Known beforehand for all but a quick tunnel. */
  readonly hostname: string | null;
}

/**
 * The command line. Pure. Flags of `tunnel` stand before `run`, behind it they are refused (with exit code 0); the
 * token is read from its file, never an argument.
 */
export function tunnelArguments(binary: string, plan: TunnelPlan): string[] {
  const common = [
    binary,
    'tunnel',
    '--no-autoupdate',
    ...['--config', plan.configFile],
    ...['--metrics', '127.0.0.1:0'],
    ...['--grace-period', `${GRACE_SECONDS}s`],
    ...['--output', 'json'],
  ];
  switch (plan.driver) {
    case 'quick':
      // A quick tunnel on QUIC never falls back where UDP is blocked; HTTP/2 needs TCP only.
      return [...common, '--loglevel', 'info', '--protocol', 'http2', '--url', plan.edgeUrl];
    case 'named':
      return [
        ...common,
        'run',
        '--protocol',
        'auto',
        '--token-file',
        plan.tokenFile ?? '',
        '--url',
        plan.edgeUrl,
      ];
    case 'config':
      return [...common, 'run'];
  }
}

/** The whole environment of cloudflared. Pure. Inherited `TUNNEL_*` variables would change what it does. */
export function tunnelEnvironment(
  hostEnv: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return childEnvironment(hostEnv, {
    inherit: ['SSL_CERT_FILE', 'SSL_CERT_DIR'],
    set: { TUNNEL_NO_PRECHECKS: 'true', TUNNEL_MANAGEMENT_DIAGNOSTICS: 'false' },
  }).env;
}
