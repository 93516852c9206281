import type { Command } from 'commander';
import type { OutputOf } from '../../../contract/commands.ts';
import type { Verbs } from '../cli.ts';
import { parseWhole } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { plainLine, plainText, table } from '../plain-text.ts';

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
    'run a predefined command; one of medium or high risk waits for an approval',
    async (cli, [name = '']) => {
      const result = await cli.call('tasks.runAction', { name });
      cli.answer(result, plainText(result.output));
      if (!cli.json && result.droppedBytes > 0) cli.note(`${result.droppedBytes} bytes were left out`);
      if (result.timedOut) return Exit.timedOut;
      return result.exitCode === 0 ? Exit.done : Exit.failed;
    },
  );
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
