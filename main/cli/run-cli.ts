import { CommanderError, type Command } from 'commander';
import type { Streams } from './cli.ts';
import { Exit } from './exit-code.ts';
import { asFailure, Failure } from './failure.ts';
import { plainText } from './plain-text.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line.
 * @param argv without the names of Node and of the program
 * @returns the exit code; never rejects
 */
export async function runCli(argv: readonly string[], streams: Streams): Promise<number> {
  let code: number = Exit.done;
  const program = createProgram(streams, (told) => (code = told));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return Exit.done;
      return fail(usageFailure(error, program, argv), argv, streams);
    }
    return fail(asFailure(error), argv, streams);
  }
}

function fail(failure: Failure, argv: readonly string[], streams: Streams): number {
  const { code, message, data, exitCode } = failure;
  if (wantsJson(argv))
    streams.stdout(`${JSON.stringify({ error: { code, message, ...(data && { data }) } })}\n`);
  else streams.stderr(`signalbox: ${plainText(message)}\n`);
  return exitCode;
}

/** Before the words that belong to another program. The options may be what was wrong, so they are not asked. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function usageFailure(error: CommanderError, program: Command, argv: readonly string[]): Failure {
  const message = error.message.replace(/^error: /, '');
  // A group without a verb: commander would only show its help.
  if (error.code !== 'commander.help') return new Failure('invalid_input', message);
  const group = groupOf(program, argv);
  const names = group.commands.map((command) => command.name()).join(', ');
  return new Failure('invalid_input', `say what to do: ${names}; more: ${pathOf(group)} --help`);
}

function groupOf(program: Command, argv: readonly string[]): Command {
  let at = program;
  for (const word of argv) at = at.commands.find((command) => command.name() === word) ?? at;
  return at;
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
