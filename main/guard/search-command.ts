import { flagArguments, parseByTable, plain } from './argv-table.ts';
import type { CommandTable } from './argv-table.ts';

const table: CommandTable = {
  flags: {
    ...plain(
      '-n',
      '--line-number',
      '-N',
      '-i',
      '--ignore-case',
      '-S',
      '--smart-case',
      '-s',
      '-w',
      '--word-regexp',
    ),
    ...plain(
      '-x',
      '-F',
      '--fixed-strings',
      '-l',
      '--files-with-matches',
      '-c',
      '--count',
      '-o',
      '--only-matching',
    ),
    ...plain(
      '-v',
      '--invert-match',
      '--files',
      '--hidden',
      '-U',
      '--multiline',
      '--no-heading',
      '--heading',
      '--json',
    ),
    ...plain(
      '-H',
      '--with-filename',
      '-I',
      '--no-filename',
      '--column',
      '--trim',
      '--vimgrep',
      '--files-without-match',
    ),
    ...{ '-e': 'text', '--regexp': 'text', '-g': 'text', '--glob': 'text', '--iglob': 'text' },
    ...{ '-t': /^[a-z0-9]{1,20}$/, '--type': /^[a-z0-9]{1,20}$/, '-T': /^[a-z0-9]{1,20}$/ },
    ...{
      '-A': 'int',
      '-B': 'int',
      '-C': 'int',
      '-m': 'int',
      '--max-count': 'int',
      '--max-depth': 'int',
      '-d': 'int',
    },
    ...{ '--max-columns': 'int', '-M': 'int', '--sort': ['path', 'none'], '--color': ['never'] },
  },
};

export interface SearchCommand {
  /** Arguments of ripgrep without the paths. */
  readonly before: readonly string[];
  /** Paths as given, to be admitted; `.` if none was. */
  readonly paths: readonly string[];
}

/**
 * Reads a ripgrep command by its table. No preprocessor, no decompression, no following of links, no configuration
 * file, and the blocked globs last, so that no glob of the caller brings a file back. Reason as a string. Pure.
 */
export function parseSearch(argv: readonly string[], blocked: readonly string[]): SearchCommand | string {
  const parsed = parseByTable(table, argv);
  if (typeof parsed === 'string') return parsed;
  const listsFiles = parsed.flags.some((flag) => flag.name === '--files');
  const hasPattern = listsFiles || parsed.flags.some((flag) => ['-e', '--regexp'].includes(flag.name));
  const words = [...parsed.words, ...(parsed.paths ?? [])];
  const pattern = hasPattern ? undefined : words.shift();
  if (!hasPattern && (pattern === undefined || pattern === '')) return 'rg needs a pattern';
  const own = ['--no-config', '--no-follow', '--color=never', '--max-filesize=4M', '--no-messages'];
  const excludes = blocked.flatMap((glob) => [`--iglob=!**/${glob}`, `--iglob=!**/${glob}/**`]);
  return {
    before: [
      ...own,
      ...flagArguments(parsed),
      ...(pattern === undefined ? [] : [`--regexp=${pattern}`]),
      ...excludes,
    ],
    paths: words.length === 0 ? ['.'] : words,
  };
}
