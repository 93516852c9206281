/** What follows a flag: nothing, a number, any text, one of a list, or text that matches a pattern. */
export type FlagValue = 'none' | 'int' | 'text' | readonly string[] | RegExp;

export interface CommandTable {
  /** Exact names; long ones are never abbreviated. */
  readonly flags: Readonly<Record<string, FlagValue>>;
  /** `-5` stands for this flag, for example `-n`. */
  readonly numeric?: string;
}

export interface ParsedCommand {
  readonly flags: readonly { readonly name: string; readonly value: string | null }[];
  /** Words before `--`. */
  readonly words: readonly string[];
  /** Words after `--`, null if there is none. */
  readonly paths: readonly string[] | null;
}

const maximumArguments = 256;
const maximumArgument = 4096;

/**
 * Reads arguments by a table; default deny: an unknown flag, a missing or malformed value refuses the whole command.
 * Returns the reason as a string. Pure.
 */
export function parseByTable(table: CommandTable, argv: readonly string[]): ParsedCommand | string {
  if (argv.length > maximumArguments) return `more than ${maximumArguments} arguments`;
  const flags: { name: string; value: string | null }[] = [];
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.length > maximumArgument) return `an argument longer than ${maximumArgument} characters`;
    if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(word)) return 'a control or invisible character in an argument';
    if (word === '--') {
      const bad = rest.find((path) => path.length > maximumArgument || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(path));
      return bad === undefined ? { flags, words, paths: rest } : 'a control character or too long path';
    }
    if (word === '-' || !word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const found = word.startsWith('--') ? readLong(table, word, rest) : readShort(table, word, rest);
    if (typeof found === 'string') return found;
    flags.push(...found);
  }
  return { flags, words, paths: null };
}

type Flags = { name: string; value: string | null }[];

function readLong(table: CommandTable, word: string, rest: string[]): Flags | string {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const kind = lookUp(table, name);
  if (kind === undefined) return `the option ${name} is not in the table`;
  if (kind === 'none') return equals < 0 ? [{ name, value: null }] : `the option ${name} takes no value`;
  const value = equals < 0 ? rest.shift() : word.slice(equals + 1);
  return checkValue(kind, name, value);
}

function readShort(table: CommandTable, word: string, rest: string[]): Flags | string {
  if (table.numeric !== undefined && /^-\d{1,9}$/.test(word))
    return [{ name: table.numeric, value: word.slice(1) }];
  const flags: Flags = [];
  for (let index = 1; index < word.length; index += 1) {
    const name = `-${word.charAt(index)}`;
    const kind = lookUp(table, name);
    if (kind === undefined) return `the option ${name} is not in the table`;
    if (kind === 'none') {
      flags.push({ name, value: null });
      continue;
    }
    const joined = word.slice(index + 1);
    const value = checkValue(kind, name, joined === '' ? rest.shift() : joined);
    return typeof value === 'string' ? value : [...flags, ...value];
  }
  return flags;
}

function checkValue(kind: FlagValue, name: string, value: string | undefined): Flags | string {
  if (value === undefined || value === '') return `the option ${name} needs a value`;
  const fits =
    kind === 'text'
      ? value.length <= 512 && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(value)
      : kind === 'int'
        ? /^\d{1,9}$/.test(value)
        : kind instanceof RegExp
          ? kind.test(value)
          : kind.includes(value);
  return fits ? [{ name, value }] : `the option ${name} does not take that value`;
}

const lookUp = (table: CommandTable, name: string): FlagValue | undefined =>
  Object.hasOwn(table.flags, name) ? table.flags[name] : undefined;

/** Flags as they are passed on: values joined, so none can be read as another flag. */
export const flagArguments = (parsed: ParsedCommand): string[] =>
  parsed.flags.map(({ name, value }) =>
    value === null ? name : name.startsWith('--') ? `${name}=${value}` : `${name}${value}`,
  );

/** Table entries for flags without a value. */
export const plain = (...names: string[]): Record<string, 'none'> =>
  Object.fromEntries(names.map((name) => [name, 'none' as const]));
