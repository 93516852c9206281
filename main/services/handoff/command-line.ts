import { HostError } from '../../../contract/errors.ts';
import { tokenise } from '../../guard/bash-tokens.ts';

/** What may stand in a command as `{{name}}`. */
export const COMMAND_VARIABLES = [
  'root',
  'context_dir',
  'iteration',
  'plan_file',
  'status_file',
  'diff_file',
  'log_file',
  'tests_file',
  'review_file',
] as const;
export type CommandVariable = (typeof COMMAND_VARIABLES)[number];
export type CommandValues = Readonly<Record<CommandVariable, string>>;

const VARIABLE = /\{\{\s*([A-Za-z_]*)\s*\}\}/g;

/**
 * Splits a command into its words. Quotes hold words together; what only a shell would understand is refused, for no
 * shell reads it. Variables stay in the words as they are.
 * @param option how the command was given, for the message
 * @throws HostError `invalid_input`
 */
export async function splitCommand(option: string, text: string): Promise<string[]> {
  const wrong = (reason: string) => new HostError('invalid_input', `${option}: ${reason}`, { option });
  const open = openQuote(text);
  if (open !== null) throw wrong(`the quote ${open} is not closed`);
  const names = [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
  const unknown = names.find((name) => !isVariable(name));
  if (unknown !== undefined)
    throw wrong(`there is no variable {{${unknown}}}; known: ${COMMAND_VARIABLES.join(', ')}`);
  // The grammar knows no braces: a word that is not in the text stands for each variable until it was split.
  let mark = 'variable';
  while (text.includes(mark)) mark += 'x';
  const tokens = await tokenise(text.replaceAll(VARIABLE, (_whole, name: string) => `${mark}-${name}-`));
  if (!tokens.ok) throw wrong(tokens.reason);
  const back = new RegExp(`${mark}-([a-z_]+)-`, 'g');
  return tokens.argv.map((word) => word.replaceAll(back, (_whole, name: string) => `{{${name}}}`));
}

/** The words with the values in the places of the variables. A value is never read again. Pure. */
export function fillCommand(words: readonly string[], values: CommandValues): string[] {
  return words.map((word) =>
    word.replaceAll(VARIABLE, (whole, name: string) => (isVariable(name) ? values[name] : whole)),
  );
}

const isVariable = (name: string): name is CommandVariable =>
  (COMMAND_VARIABLES as readonly string[]).includes(name);

/** The quote that is open at the end of a text, or null. */
function openQuote(text: string): string | null {
  let open: string | null = null;
  for (const char of text) {
    if (open === null && (char === "'" || char === '"')) open = char;
    else if (char === open) open = null;
  }
  return open;
}
