import type { Command } from 'commander';
import type { OutputOf } from '../../../contract/commands.ts';
import type { Verbs } from '../cli.ts';
import { parseWhole } from '../duration.ts';
import { plainLine, plainText, table } from '../plain-text.ts';
import { followAction } from './action-follow.ts';

/** Commands and logs that the configuration file defines. */
export function addActionVerbs(program: Command, { verb, group }: Verbs): void {
  const actions = group(program, 'actions', 'commands and logs that the configuration file defines');
  verb(actions, 'list', 'what is defined, and what of it cannot be used', async (cli) => {
    const answer = await cli.call('tasks.actions', {});
    cli.answer(answer, listText(answer));
  });
  verb(
    actions,
    'run <name>',
    'run a predefined command and print what it prints; Ctrl+C stops it; one of medium or high risk waits for an approval',
    async (cli, [name = '']) =>
      followAction(cli, await cli.call('tasks.startAction', { name, whenUnread: 'stop' }), 'stop'),
  );
  verb(actions, 'runs', 'runs that go on, and the last that ended', async (cli) => {
    const answer = await cli.call('tasks.actionRuns', {});
    const rows = answer.runs.map((run) => [run.id, run.state, run.requestedAt, run.startedBy, run.name]);
    cli.answer(
      answer,
      rows.length === 0 ? 'nothing was run' : table(['ID', 'STATE', 'REQUESTED', 'BY', 'NAME'], rows),
    );
  });
  verb(actions, 'follow <id>', 'print what a run prints until it ends', async (cli, [id = '']) => {
    const { run } = await cli.call('tasks.readActionOutput', { runId: id, maxBytes: 1024 });
    return followAction(cli, run, 'leave');
  });
  verb(actions, 'stop <id>', 'stop a run with all that it started', async (cli, [id = '']) => {
    const run = await cli.call('tasks.stopAction', { runId: id });
    cli.answer(run, `${run.id} is ${run.state}`);
  });
  verb<{ tail?: string }>(
    actions,
    'log <name>',
    'the last lines of a predefined log',
    async (cli, [name = ''], { tail }) => {
      const lines = tail === undefined ? {} : { tail: parseWhole('--tail', tail, 1, 2000) };
      const log = await cli.call('tasks.readLogSource', { name, ...lines });
      cli.answer(log, plainText(log.text));
    },
    (command) => command.option('--tail <lines>', 'how many lines, at most 2000'),
  );
}

function listText({ actions, logSources, unusable }: OutputOf<'tasks.actions'>): string {
  const rows = [
    ...actions.map(({ name, risk, cwd, argv }) => [
      name,
      `action, ${risk} risk`,
      cwd,
      plainLine(argv.join(' '), 80),
    ]),
    ...logSources.map(({ name, path }) => [name, 'log', '', plainLine(path, 80)]),
    ...unusable.map(({ name, reason }) => [name, 'cannot be used', '', plainLine(reason, 80)]),
  ];
  return rows.length === 0
    ? 'nothing is defined; see actions and logSources in the configuration file'
    : table(['NAME', 'WHAT', 'FOLDER', 'COMMAND OR FILE'], rows);
}
