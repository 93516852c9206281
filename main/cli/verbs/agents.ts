import type { Command } from 'commander';
import type { SessionId } from '../../../contract/ids.ts';
import type { TimelineEntry } from '../../../contract/sessions.ts';
import type { Cli, Verbs } from '../cli.ts';
import { readEnvFile } from '../env-file.ts';
import { table } from '../plain-text.ts';
import { timelineText } from '../timeline-text.ts';

/** The agents of this host and the conversations with them. */
export function addAgentVerbs(program: Command, { verb, group }: Verbs): void {
  const agents = group(program, 'agents', 'the agents that this host can start');
  verb(agents, 'list', 'built in, found on PATH, or added', async (cli) => {
    const answer = await cli.call('agents.list', {});
    const rows = answer.agents.map((one) => [one.name, one.state, one.source, one.argv.join(' ')]);
    cli.answer(answer, table(['NAME', 'STATE', 'SOURCE', 'COMMAND'], rows));
  });
  verb<{ title?: string; envFile?: string }>(
    agents,
    'add <name> <command...>',
    'define an agent: any program that speaks ACP on stdin and stdout',
    async (cli, [name = '', ...argv], { title, envFile }) => {
      const agent = await cli.call('agents.add', {
        name,
        argv,
        ...(title !== undefined && { title }),
        ...(envFile !== undefined && { env: readEnvFile(envFile) }),
      });
      cli.answer(agent, `${agent.name} is ${agent.state}`);
    },
    (command) =>
      command
        .usage('[options] <name> -- <command> [argument...]')
        .option('--title <title>', 'how it is shown')
        .option('--env-file <file>', 'its environment, NAME=value a line; the file is 0600'),
  );
  verb(agents, 'remove <name>', 'forget an agent that was added', async (cli, [name = '']) => {
    await cli.call('agents.remove', { name });
    cli.answer({ removed: name }, `${name} is forgotten`);
  });

  const sessions = group(program, 'sessions', 'conversations with agents');
  verb<{ agent?: string }>(
    sessions,
    'list',
    'newest first',
    async (cli, _args, { agent }) => {
      const answer = await cli.call('sessions.list', agent === undefined ? {} : { agent });
      const rows = answer.sessions.map((one) => [one.id, one.state, one.agent, one.lastActiveAt, one.title]);
      cli.answer(
        answer,
        rows.length === 0 ? 'no session yet' : table(['ID', 'STATE', 'AGENT', 'LAST ACTIVE', 'TITLE'], rows),
      );
    },
    (command) => command.option('--agent <name>', 'those with this agent alone'),
  );
  verb(sessions, 'show <id>', 'one conversation, from its beginning', showSession);
  verb(
    sessions,
    'delete <id>',
    'delete a conversation; its file is kept aside for 30 days',
    async (cli, [id = '']) => {
      await cli.call('sessions.delete', { sessionId: id });
      cli.answer({ deleted: id }, `${id} is deleted`);
    },
  );
}

async function showSession(cli: Cli, [id = '']: readonly string[]): Promise<void> {
  const sessionId = id as SessionId;
  let page = await cli.call('sessions.timeline', { sessionId });
  const entries: TimelineEntry[] = [...page.entries];
  while (page.more) {
    page = await cli.call('sessions.timeline', { sessionId, afterSeq: entries.at(-1)?.seq ?? -1 });
    if (page.entries.length === 0) break;
    entries.push(...page.entries);
  }
  cli.answer({ ...page.session, entries }, entries.map(timelineText).join('\n'));
}
