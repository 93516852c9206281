import type { Command } from 'commander';
import type { Agent, AgentCheck } from '../../../contract/agents.ts';
import type { TokenScope } from '../../../contract/gateway.ts';
import { readEnvFile } from '../env-file.ts';
import { Failure } from '../failure.ts';
import { readKeyFile } from '../key-file.ts';
import { facts, table } from '../plain-text.ts';
import { workspaceRef, type Verbs } from '../cli.ts';

interface AddOptions {
  title?: string;
  env: string[];
  envFile?: string;
  mcp?: boolean;
}

/** `agents list`, `add`, `configure`, `remove`, `check`, `login`, `logout`, `bridge …`. */
export function addDefinitionVerbs(agents: Command, { verb, group }: Verbs): void {
  addBridgeVerbs(group(agents, 'bridge', "the MCP bridge in an agent's own settings"), verb);
  verb(agents, 'list', 'built in, found on this machine, or added', async (cli) => {
    const answer = await cli.call('agents.list', { versions: true });
    const head = ['NAME', 'STATE', 'VERSION', 'LOGIN', 'MCP', 'SOURCE', 'COMMAND'];
    cli.answer(answer, table(head, answer.agents.map(row)));
  });
  verb<AddOptions>(
    agents,
    'add <name> <command...>',
    'define an agent: any program that speaks ACP on stdin and stdout',
    async (cli, [name = '', ...argv], { title, env, envFile, mcp }) => {
      const agent = await cli.call('agents.add', {
        name,
        argv,
        ...(title !== undefined && { title }),
        ...(envFile !== undefined && { env: readEnvFile(envFile) }),
        inherit: inheritedNames(env),
        mcp: mcp === true,
      });
      cli.answer(agent, `${agent.name} is ${agent.state}`);
    },
    (command) =>
      command
        .usage('[options] <name> -- <command> [argument...]')
        .option('--title <title>', 'how it is shown')
        .option(
          '--env <name>',
          "a variable that it takes from the host's environment when it starts; may be repeated",
          (name: string, before: string[]) => [...before, name],
          [],
        )
        .option('--env-file <file>', 'its environment, NAME=value a line; the file is 0600')
        .option('--mcp', 'tasks hand it the MCP bridge'),
  );
  verb<{ mcp: 'on' | 'off' }>(
    agents,
    'configure <name>',
    'say whether tasks hand the MCP bridge to an agent',
    async (cli, [name = ''], { mcp }) => {
      const agent = await cli.call('agents.configure', { name, mcp: mcp === 'on' });
      cli.answer(agent, agent.mcp ? `${name} gets the bridge with its tasks` : `${name} gets no bridge`);
    },
    (command) =>
      command.addOption(
        command
          .createOption('--mcp <state>', 'whether it gets the bridge')
          .choices(['on', 'off'])
          .makeOptionMandatory(),
      ),
  );
  verb(agents, 'remove <name>', 'forget an agent that was added', async (cli, [name = '']) => {
    await cli.call('agents.remove', { name });
    cli.answer({ removed: name }, `${name} is forgotten`);
  });
  verb<{ session?: boolean }>(
    agents,
    'check <name>',
    'start an agent, ask what it can do, and end it',
    async (cli, [name = ''], { session }) => {
      const answer = await cli.call('agents.check', { name, session: session === true });
      cli.answer(answer, checkText(answer));
      return answer.session === 'failed' || answer.session === 'login-required' ? 1 : 0;
    },
    (command) =>
      command.option('--session', 'also open a session, which shows whether it asks for a login first'),
  );
  verb<{ keyFile: string; variable?: string }>(
    agents,
    'login <name>',
    'keep a key for an agent and hand it to that agent alone',
    async (cli, [name = ''], { keyFile, variable }) => {
      const agent = await cli.call('agents.login', {
        name,
        key: readKeyFile(keyFile),
        ...(variable !== undefined && { variable }),
      });
      cli.answer(agent, `${name} gets its key in ${agent.keyVariable ?? ''}`);
    },
    (command) =>
      command
        .requiredOption('--key-file <file>', 'the file with the key alone; the file is 0600')
        .option('--variable <name>', 'the environment variable that the agent reads it from'),
  );
  verb(
    agents,
    'logout <name>',
    'forget the key that is kept for an agent; its own login stays',
    async (cli, [name = '']) => {
      const agent = await cli.call('agents.logout', { name });
      cli.answer(agent, `no key is kept for ${name} any more`);
    },
  );
}

function addBridgeVerbs(bridge: Command, verb: Verbs['verb']): void {
  verb<{ scope?: TokenScope; workspace?: string }>(
    bridge,
    'connect <name>',
    'write the bridge with a token of its own into the settings of an agent',
    async (cli, [name = ''], { scope, workspace }) => {
      const made = await cli.call('agents.connectBridge', {
        name,
        ...(scope && { scope }),
        ...(workspace !== undefined && { workspace: workspaceRef(workspace) }),
      });
      cli.answer(made, `${made.file} names the bridge now, with token ${made.tokenId}`);
    },
    (command) =>
      command
        .addOption(
          command.createOption('--scope <scope>', 'what it may do').choices(['read', 'write', 'exec']),
        )
        .option('--workspace <workspace>', 'the one workspace it may see'),
  );
  verb(
    bridge,
    'disconnect <name>',
    'take the bridge out of the settings of an agent and end its token',
    async (cli, [name = '']) => {
      const { file } = await cli.call('agents.disconnectBridge', { name });
      cli.answer({ file }, `${file} does not name the bridge any more`);
    },
  );
}

function row(agent: Agent): string[] {
  const { name, state, version, login, mcp, source, argv } = agent;
  return [name, state, version ?? '-', login, mcp ? 'on' : 'off', source, argv.join(' ')];
}

/** Values do not belong into the arguments of a program: everybody on the machine can read those. */
function inheritedNames(names: readonly string[]): string[] {
  const withValue = names.find((name) => name.includes('='));
  if (withValue === undefined) return [...names];
  const name = withValue.slice(0, withValue.indexOf('='));
  throw new Failure(
    'invalid_input',
    `--env takes names alone, for others on this machine can read arguments; put ${name}=… into a file and give --env-file`,
  );
}

function checkText(check: AgentCheck): string {
  const yes = (kinds: Readonly<Record<string, boolean>>): string =>
    Object.entries(kinds)
      .filter(([, has]) => has)
      .map(([kind]) => kind)
      .join(', ') || 'none';
  const { agent, authMethods } = check;
  return facts([
    ['protocol', `ACP version ${check.protocolVersion}`],
    ['says it is', agent === null ? 'nothing' : `${agent.name} ${agent.version}`.trim()],
    ['sessions', yes(check.sessions)],
    ['prompts', yes({ text: true, ...check.prompt })],
    ['MCP over', yes({ stdio: true, ...check.mcp })],
    [
      'logins',
      authMethods.map(({ id, name }) => (name === '' ? id : `${name} (${id})`)).join(', ') || 'none',
    ],
    ['session', check.problem === '' ? check.session : `${check.session}: ${check.problem}`],
    ['answered after', `${check.answeredAfterMs} ms`],
  ]);
}
