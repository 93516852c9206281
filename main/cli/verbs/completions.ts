import type { Command } from 'commander';
import type { Verbs } from '../cli.ts';
import { VERSION } from '../../version.ts';
import { bashCompletion, fishCompletion, zshCompletion, type VerbNode } from '../completion-scripts.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `completions` and `version`, which need neither host nor home. */
export function addProgramVerbs(program: Command, { verb }: Verbs): void {
  verb(
    program,
    'completions <shell>',
    'a completion script on stdout, for bash, zsh or fish',
    async (cli, [shell = '']) => {
      const script = SCRIPTS[shell as keyof typeof SCRIPTS](verbTree(program));
      cli.answer({ shell, script }, script);
    },
    (command) => {
      command.registeredArguments[0]?.choices(Object.keys(SCRIPTS));
      return command;
    },
  );
  verb(program, 'version', 'the version of this program', async (cli) =>
    cli.answer({ version: VERSION }, VERSION),
  );
}

/** Every verb with its options, from the program itself, so that nothing is listed twice. */
export function verbTree(command: Command): VerbNode {
  return {
    name: command.name(),
    summary: command.description(),
    options: command.options
      .filter((option) => !option.hidden)
      .map((option) => ({ flag: option.long ?? option.flags, summary: option.description })),
    verbs: command.commands.map(verbTree),
  };
}
