import type { Command } from 'commander';
import type { TunnelDriver, TunnelStatus } from '../../../contract/tunnels.ts';
import { resolve } from 'node:path';
import type { Cli, Verbs } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { usage, Failure } from '../failure.ts';
import { plainLine } from '../plain-text.ts';

const READY_MS = 60_000;

interface UpOptions {
  hostname?: string;
  tokenFile?: string;
  config?: string;
  for?: string;
}

/** The way in from outside. */
export function addTunnelVerbs(program: Command, { verb, group }: Verbs): void {
  const tunnel = group(program, 'tunnel', 'make this host reachable from outside, for a time');
  verb(tunnel, 'status', 'whether a tunnel is open, since when and until when', async (cli) => {
    const { tunnel: status } = await cli.snapshot();
    cli.answer(status, tunnelText(status));
  });
  verb<UpOptions>(
    tunnel,
    'up [driver]',
    'open a tunnel: quick (no account), named or config',
    up,
    (command) =>
      command
        .option('--hostname <name>', 'the name of a named tunnel')
        .option('--token-file <file>', 'the file with the token of a named tunnel')
        .option('--config <file>', "a configuration file of cloudflared's own")
        .option('--for <duration>', 'how long it stays open; 8h if not given, or "ever"'),
  );
  verb(tunnel, 'down', 'close the tunnel', async (cli) => {
    const status = await cli.call('tunnels.close', {});
    cli.answer(status, tunnelText(status));
  });
  verb(tunnel, 'install', 'how to get cloudflared on this machine', install);
}

async function up(cli: Cli, [named = 'quick']: readonly string[], options: UpOptions): Promise<void> {
  if (!isDriver(named)) throw usage(`there is no tunnel "${named}"; use quick, named or config`);
  const opened = await cli.call('tunnels.open', {
    driver: named,
    ...(options.hostname !== undefined && { hostname: options.hostname }),
    ...(options.tokenFile !== undefined && { tokenFile: resolve(options.tokenFile) }),
    ...(options.config !== undefined && { configFile: resolve(options.config) }),
    ...(options.for !== undefined && { forMs: options.for === 'ever' ? null : parseDuration(options.for) }),
  });
  const status = opened.state === 'starting' ? await settled(cli) : opened;
  if (status.state === 'failed')
    throw new Failure('unavailable', `the tunnel did not open: ${plainLine(status.reason)}`);
  cli.answer(status, tunnelText(status));
}

const isDriver = (name: string): name is TunnelDriver => ['quick', 'named', 'config'].includes(name);

async function settled(cli: Cli): Promise<TunnelStatus> {
  const host = await cli.host();
  const late = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Failure('timed_out', 'the tunnel is still starting; see: signalbox tunnel status')),
      READY_MS,
    ).unref();
  });
  return Promise.race([late, host.watch(({ tunnel }) => (tunnel.state === 'starting' ? null : tunnel))]);
}

const WAYS: Readonly<Record<string, string>> = {
  darwin: 'brew install cloudflared',
  win32: 'winget install --id Cloudflare.cloudflared',
  linux: "the package of Cloudflare's repository, https://pkg.cloudflare.com",
};

async function install(cli: Cli): Promise<void> {
  const [{ nodeDoctorDeps }, { homeLayout }, { join }] = await Promise.all([
    import('../../kernel/doctor.ts'),
    import('../../kernel/home.ts'),
    import('node:path'),
  ]);
  const own = join(
    homeLayout(await cli.home()).bin,
    process.platform === 'win32' ? 'cloudflared.exe' : 'cloudflared',
  );
  for (const program of [own, 'cloudflared']) {
    const version = await nodeDoctorDeps.probe(program, ['--version']);
    if (version !== null) {
      cli.answer({ program, version }, `${version} is installed (${program})`);
      return;
    }
  }
  const way = WAYS[process.platform] ?? 'https://github.com/cloudflare/cloudflared/releases';
  throw new Failure(
    'unavailable',
    `cloudflared is not installed, and this version does not download it. Install it with ${way}; or put the program at ${own}; or name it as tunnel.binary in config.yaml`,
    { install: way, path: own },
  );
}

/** One line about the tunnel. Pure. */
export function tunnelText(status: TunnelStatus): string {
  switch (status.state) {
    case 'off':
      return 'off';
    case 'failed':
      return `failed at ${status.failedAt}: ${plainLine(status.reason)}`;
    default: {
      const where = 'url' in status ? ` at ${status.url}` : '';
      const end = status.closesAt === null ? 'until it is closed' : `until ${status.closesAt}`;
      return `${status.state}${where} (${status.driver}, opened ${status.openedAt} by ${plainLine(status.openedBy)}, ${end})`;
    }
  }
}
