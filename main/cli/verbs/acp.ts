import type { Command } from 'commander';
import type { RemoteStatus } from '../../../contract/remote.ts';
import type { Cli, Verbs } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { asFailure, usage } from '../failure.ts';
import { facts, plainText, table } from '../plain-text.ts';
import { addTokenVerbs } from './tokens.ts';

const MAX_RECONNECT_S = 24 * 60 * 60;

/** The ACP remote: agents of this host for clients elsewhere, and agents of elsewhere here. */
export function addAcpVerbs(program: Command, verbs: Verbs): void {
  const { verb, group } = verbs;
  const acp = group(program, 'acp', 'agents over ACP: serve yours, connect to others');
  verb(
    acp,
    'serve <agent...>',
    'serve these agents at /acp/NAME; the first is also at /acp',
    async (cli, agents) => {
      const remote = await cli.call('remote.serve', { agents: [...agents] });
      const { listeners } = await cli.snapshot();
      cli.answer({ ...remote, url: listeners.acp }, statusText(remote, listeners.acp));
    },
  );
  verb(acp, 'stop', 'serve no agent; open connections are closed', async (cli) => {
    const remote = await cli.call('remote.stop', {});
    cli.answer(remote, statusText(remote, null));
  });
  verb(acp, 'status', 'which agents are served, and who is connected', async (cli) => {
    const { remote, listeners } = await cli.snapshot();
    cli.answer({ ...remote, url: listeners.acp }, statusText(remote, listeners.acp));
  });
  addTokenVerbs(acp, verbs, 'acp');
  verb<ConnectFlags>(
    acp,
    'connect <url>',
    'mirror a remote agent (wss:// or https://) to stdin and stdout, a message a line; needs no host',
    connect,
    (command) =>
      command
        .option('--token-file <file>', 'the file with the bearer token')
        .option('--token-env <variable>', 'the environment variable with the bearer token')
        .option(
          '--host <whose>',
          "whose files and terminals the agent works with: remote, or passthrough for the editor's",
          'remote',
        )
        .option('--cwd <folder>', 'the folder there, in place of the one the editor names')
        .option('--reconnect <seconds>', 'how long a lost connection is tried again; 0: never', '60')
        .option('--latency', 'tell in "_meta" of each answer what the way there and back took')
        .option('--insecure', 'take ws:// or http:// to another machine, in the clear'),
  );
}

const WHO_ANSWERS: Record<RemoteStatus['permissions'], string> = {
  host: 'this host: its policy, then its approvals',
  first: 'this host or the client, whoever is first; what policy denies is denied',
  client: 'THE CLIENT ALONE, nobody here is asked; what policy denies is denied',
};

function statusText(remote: RemoteStatus, url: string | null): string {
  if (remote.agents.length === 0) return 'no agent is served: signalbox acp serve AGENT';
  const head = facts([
    ['listens', url ?? 'off'],
    ['serves', remote.agents.join(', ')],
    ['answers agents', WHO_ANSWERS[remote.permissions]],
  ]);
  const rows = remote.connections.map((one) => [one.agent, one.client, one.connectedAt]);
  return rows.length === 0 ? head : `${head}\n\n${table(['AGENT', 'CLIENT', 'CONNECTED'], rows)}`;
}

interface ConnectFlags {
  readonly tokenFile?: string;
  readonly tokenEnv?: string;
  readonly host: string;
  readonly cwd?: string;
  readonly reconnect: string;
  readonly latency?: boolean;
  readonly insecure?: boolean;
}

/** Stdout belongs to the protocol, `--json` or not: what went wrong is told on stderr alone. */
async function connect(cli: Cli, [text = '']: readonly string[], flags: ConnectFlags): Promise<number> {
  try {
    await mirrorRemote(cli, text, flags);
    return Exit.done;
  } catch (error) {
    const { message, exitCode } = asFailure(error);
    cli.note(`signalbox: ${plainText(message)}`);
    return exitCode;
  }
}

async function mirrorRemote(cli: Cli, text: string, flags: ConnectFlags): Promise<void> {
  const { remoteAddress } = await import('../acp-connect/address.ts');
  const { readToken } = await import('../acp-connect/token.ts');
  const { tokenFile, tokenEnv, host, cwd = null, latency = false, insecure = false } = flags;
  if (host !== 'remote' && host !== 'passthrough') throw usage('--host is remote or passthrough');
  // The folder is on a machine that may name its folders in another way than this one.
  if (cwd !== null && !/^(?:[/\\]|[A-Za-z]:[/\\])/.test(cwd)) throw usage('--cwd is an absolute path there');
  const seconds = Number(flags.reconnect);
  if (!/^\d+$/.test(flags.reconnect) || seconds > MAX_RECONNECT_S)
    throw usage(`--reconnect is seconds, 0 to ${MAX_RECONNECT_S}`);
  const address = remoteAddress(text, { insecure });
  const source = {
    ...(tokenFile !== undefined && { file: tokenFile }),
    ...(tokenEnv !== undefined && { variable: tokenEnv }),
  };
  const token = await readToken(source, process.env);
  const { connect: mirror } = await import('../acp-connect/connect.ts');
  await mirror({
    address,
    token,
    rewriting: { host, cwd },
    latency,
    reconnectMs: seconds * 1000,
    note: (line) => cli.note(`signalbox: ${plainText(line)}`),
  });
}
