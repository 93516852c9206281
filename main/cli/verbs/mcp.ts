import type { Command } from 'commander';
import type { BridgeModes } from '../../../contract/bridge.ts';
import { workspaceRef, type Cli, type Verbs } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { facts, table } from '../plain-text.ts';
import { addTokenVerbs } from './tokens.ts';

/** The MCP bridge. */
export function addMcpVerbs(program: Command, verbs: Verbs): void {
  const { verb, group } = verbs;
  const mcp = group(program, 'mcp', 'the MCP bridge to your workspaces');
  verb(mcp, 'status', 'where the bridge listens, what is switched on, and the last calls', async (cli) => {
    const { listeners, bridge } = await cli.snapshot();
    const rows = bridge.recentCalls
      .slice(0, 10)
      .map((one) => [one.calledAt, one.client, one.tool, one.outcome, one.detail]);
    const text = facts([['listens', listeners.mcp ?? 'off'], ...modeFacts(bridge.modes)]);
    const calls =
      rows.length === 0 ? '' : `\n\n${table(['CALLED', 'CLIENT', 'TOOL', 'OUTCOME', 'DETAIL'], rows)}`;
    cli.answer({ url: listeners.mcp, modes: bridge.modes, calls: bridge.recentCalls }, text + calls);
  });
  addTokenVerbs(mcp, verbs, 'mcp');
  verb<Partial<BridgeModes>>(
    mcp,
    'mode',
    'show or set which tools clients see, whether they may write, and how commands run',
    async (cli, _args, { tools, write, bash }) => {
      const patch = { ...(tools && { tools }), ...(write && { write }), ...(bash && { bash }) };
      const changes = Object.keys(patch).length > 0;
      const modes = changes ? await cli.call('bridge.setModes', patch) : (await cli.snapshot()).bridge.modes;
      cli.answer(modes, facts(modeFacts(modes)));
    },
    (command) =>
      command
        .addOption(
          command
            .createOption('--tools <set>', 'tools that are shown')
            .choices(['minimal', 'standard', 'full']),
        )
        .addOption(
          command
            .createOption('--write <mode>', 'where clients may write')
            .choices(['off', 'handoff', 'workspace']),
        )
        .addOption(
          command.createOption('--bash <mode>', 'which commands run').choices(['off', 'safe', 'full']),
        ),
  );
  verb<{ workspace?: string }>(
    mcp,
    'stdio',
    'an MCP server on stdin and stdout, for a client on this machine',
    stdio,
    (command) => command.option('--workspace <workspace>', 'which workspace; the only one, if not given'),
  );
}

const modeFacts = (modes: BridgeModes): [string, string][] => [
  ['tools', modes.tools],
  ['write', modes.write],
  ['bash', modes.bash],
];

/** Every call goes over a connection that holds the rights of a tool client, so the host judges it as one. */
async function stdio(
  cli: Cli,
  _args: readonly string[],
  { workspace }: { workspace?: string },
): Promise<number> {
  const [{ connectControl }, { serveMcpStdio }, { nodeClock }, { mcpCaller }, { VERSION }] =
    await Promise.all([
      import('../control-client.ts'),
      import('../../services/bridge/mcp-stdio.ts'),
      import('../../ports.node.ts'),
      import('../../kernel/caller.ts'),
      import('../../version.ts'),
    ]);
  const client = await connectControl(await cli.home(), {
    hello: 1,
    as: 'tools',
    ...(workspace !== undefined && { workspace: workspaceRef(workspace) }),
  });
  const opened = await client.call('bridge.openWorkspace', {});
  if (!opened.ok) throw new Failure(opened.error.code, opened.error.message, opened.error.data);
  const served = await serveMcpStdio({
    call: (name, input) => client.call(name, input as never),
    capabilities: mcpCaller('local', 'exec', null).capabilities,
    pinned: true,
    modes: opened.value.modes,
    version: VERSION,
    clock: nodeClock,
    stdin: process.stdin,
    stdout: process.stdout,
  });
  const lost = await Promise.race([served.closed.then(() => null), client.lost]);
  await served.close();
  client.close();
  process.stdin.destroy();
  if (lost !== null) cli.note(lost);
  return lost === null ? Exit.done : Exit.failed;
}
