import { plain } from './argv-table.ts';
import type { CommandTable, FlagValue } from './argv-table.ts';

const dates = ['iso', 'iso-strict', 'short', 'relative', 'local', 'unix', 'raw', 'rfc', 'default', 'human'];
const named = 'oneline|short|medium|full|fuller|reference|email|raw';
// Placeholders that print what the object holds. %G… would run a signature program, %(…) helpers.
const placeholders = '%(?:[HhTtPpsbBDdnN%]|an|ae|ad|ar|aI|as|at|al|cn|ce|cd|cr|cI|cs|ct|cl|x09|x00)';
const format = new RegExp(`^(?:${named}|(?:t?format:)?(?:[^%]|${placeholders}){1,256})$`);

const diffFlags: Readonly<Record<string, FlagValue>> = {
  ...plain(
    '--stat',
    '--numstat',
    '--shortstat',
    '--summary',
    '--name-only',
    '--name-status',
    '--dirstat',
    '--check',
  ),
  ...plain(
    '-p',
    '-u',
    '--patch',
    '-s',
    '--no-patch',
    '-w',
    '--ignore-all-space',
    '-b',
    '--ignore-space-change',
  ),
  ...plain(
    '--ignore-blank-lines',
    '--word-diff',
    '--minimal',
    '--patience',
    '--histogram',
    '-M',
    '--find-renames',
  ),
  ...plain(
    '--no-renames',
    '-R',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-prefix',
    '--patch-with-stat',
  ),
  ...{
    '-U': 'int',
    '--unified': 'int',
    '--diff-filter': /^[ACDMRTUXBacdmrtuxb*]{1,16}$/,
    '-S': 'text',
    '-G': 'text',
  },
};

const logFlags: Readonly<Record<string, FlagValue>> = {
  ...diffFlags,
  ...plain(
    '--oneline',
    '--graph',
    '--decorate',
    '--no-decorate',
    '--all',
    '--branches',
    '--tags',
    '--remotes',
  ),
  ...plain(
    '--first-parent',
    '--merges',
    '--no-merges',
    '--reverse',
    '--abbrev-commit',
    '--topo-order',
    '--date-order',
  ),
  ...plain('-i', '-E', '-F', '--left-right', '--cherry-pick', '--no-notes', '-m', '-c'),
  ...{ '-n': 'int', '--max-count': 'int', '--skip': 'int', '--author': 'text', '--committer': 'text' },
  ...{ '--grep': 'text', '--since': 'text', '--until': 'text', '--after': 'text', '--before': 'text' },
  ...{ '--date': dates, '--pretty': format, '--format': format },
};

/** The read-only git commands and the exact options each may have. */
export const gitTables: Readonly<Record<string, CommandTable>> = {
  status: {
    flags: {
      ...plain('-s', '--short', '-b', '--branch', '--long', '-u', '--show-stash', '--no-renames'),
      ...{ '--untracked-files': ['no', 'normal', 'all'] },
      ...plain('--porcelain'),
    },
  },
  diff: { flags: { ...diffFlags, ...plain('--cached', '--staged', '--merge-base') } },
  log: { flags: logFlags, numeric: '-n' },
  show: { flags: logFlags },
  'ls-files': {
    flags: plain(
      ...[
        '-c',
        '--cached',
        '-d',
        '--deleted',
        '-m',
        '--modified',
        '-o',
        '--others',
        '-u',
        '--unmerged',
        '-t',
      ],
      ...['--exclude-standard', '--full-name'],
    ),
  },
  'rev-parse': {
    flags: plain(
      ...[
        '--show-toplevel',
        '--abbrev-ref',
        '--short',
        '--verify',
        '--is-inside-work-tree',
        '--show-prefix',
        '--quiet',
      ],
      ...['-q', '--symbolic-full-name'],
    ),
  },
  blame: {
    flags: {
      ...plain(
        '-w',
        '-e',
        '-s',
        '-l',
        '-t',
        '--show-email',
        '--porcelain',
        '--line-porcelain',
        '--root',
        '-n',
        '-f',
      ),
      ...{ '-L': /^\d{1,7}(?:,\+?\d{1,7})?$/, '--date': dates },
    },
  },
  branch: {
    flags: {
      ...plain(
        '--list',
        '-l',
        '-a',
        '--all',
        '-r',
        '--remotes',
        '-v',
        '--verbose',
        '--show-current',
        '--no-color',
      ),
      ...{
        '--contains': 'text',
        '--no-contains': 'text',
        '--merged': 'text',
        '--no-merged': 'text',
        '--sort': /^-?[a-z]{1,32}$/,
      },
    },
  },
};

/** Configuration that overrides what the repository's own configuration could make git run. */
const overrides = [
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.pager=cat', 'core.editor=/bin/false'],
  ...['core.sshCommand=/bin/false', 'core.askPass=/bin/false', 'core.gitProxy=', 'credential.helper='],
  ...[
    'core.alternateRefsCommand=',
    'core.untrackedCache=false',
    'diff.external=',
    'diff.ignoreSubmodules=all',
  ],
  ...[
    'diff.submodule=short',
    'status.submoduleSummary=false',
    'submodule.recurse=false',
    'log.showSignature=false',
  ],
  ...[
    'format.pretty=medium',
    'gpg.format=openpgp',
    'gpg.program=/bin/false',
    'gpg.openpgp.program=/bin/false',
  ],
  ...['gpg.ssh.program=/bin/false', 'gpg.x509.program=/bin/false', 'protocol.allow=never', 'color.ui=false'],
  ...['blame.ignoreRevsFile=', 'core.bare=false', 'log.mailmap=false', 'diff.orderFile=/dev/null'],
];

/** Options before the subcommand: no pager, no optional locks, this repository and no other, harmless configuration. */
export const gitOptions = (root: string): string[] => [
  ...[
    '--no-pager',
    '--no-optional-locks',
    '--no-replace-objects',
    `--git-dir=${root}/.git`,
    `--work-tree=${root}`,
  ],
  ...[...overrides, `safe.directory=${root}`].flatMap((setting) => ['-c', setting]),
];

/** Options after the subcommand that keep repository-defined programs from running. */
export const gitSafety: Readonly<Record<string, readonly string[]>> = {
  status: ['--ignore-submodules=all'],
  diff: ['--no-ext-diff', '--no-textconv', '--ignore-submodules=all', '--no-color'],
  log: ['--no-ext-diff', '--no-textconv', '--ignore-submodules=all', '--no-color'],
  show: ['--no-ext-diff', '--no-textconv', '--ignore-submodules=all', '--no-color'],
  blame: ['--no-textconv'],
  branch: ['--no-color'],
};

/** Environment of git: nothing of the user's or the system's configuration. */
export const gitEnvironment = (path: string, filters: readonly string[]): Record<string, string> => {
  const settings = filters.flatMap((name) => [
    ...['clean', 'smudge', 'process'].map((part) => [`filter.${name}.${part}`, ''] as const),
    [`filter.${name}.required`, 'false'] as const,
  ]);
  return {
    ...{
      PATH: path,
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      TERM: 'dumb',
      PAGER: 'cat',
      GIT_PAGER: 'cat',
      TZ: 'UTC',
    },
    ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    ...{ GIT_ATTR_NOSYSTEM: '1', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1' },
    ...{ GIT_ASKPASS: '/bin/false', GIT_EDITOR: '/bin/false', GIT_SSH_COMMAND: '/bin/false' },
    // Through the environment, because a filter's name may contain "=".
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
};

const atom = '(?:[A-Za-z0-9_][A-Za-z0-9_./+-]{0,200}|@)';
const step = '(?:@\\{(?:\\d{1,5}|-\\d{1,3}|u|upstream|push)\\}|[~^]\\d{0,5})';
const revision = new RegExp(`^${atom}${step}{0,8}$`);

/** Whether a text is a plain revision: no `:path`, no `^{…}`, no `:/search`, nothing that starts with `-`. */
export const isRevision = (text: string): boolean => revision.test(text) && !text.includes('..');

/**
 * A revision or range as it is passed on: every end peeled to a commit, so that the id of a blob (a secret file in
 * history) names nothing. Null if it is not a revision.
 */
export function peelRevision(text: string): string | null {
  const dots = /\.{2,3}/.exec(text)?.[0];
  if (dots === undefined) return isRevision(text) ? `${text}^{commit}` : null;
  const ends = text.split(dots).map((end) => (end === '' ? 'HEAD' : end));
  if (ends.length !== 2 || !ends.every(isRevision)) return null;
  return ends.map((end) => `${end}^{commit}`).join(dots);
}

/** Pathspecs that keep blocked files out of any output. Names excepted for reading are left out here as well. */
export const excludePathspecs = (patterns: readonly string[]): string[] =>
  patterns.flatMap((pattern) => [
    `:(top,exclude,glob,icase)**/${pattern}`,
    `:(top,exclude,glob,icase)**/${pattern}/**`,
  ]);
