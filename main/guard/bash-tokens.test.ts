import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenise } from './bash-tokens.ts';

test.each([
  ["git log --out''put=PWN", ['git', 'log', '--output=PWN']],
  ['git log -n 3 "a b" \'c $d\'', ['git', 'log', '-n', '3', 'a b', 'c $d']],
  ["ls -e'x'\"y\"z ''", ['ls', '-exyz', '']],
  ['  git   show HEAD~2  ', ['git', 'show', 'HEAD~2']],
  ['git diff main..HEAD^ -- src/a.ts', ['git', 'diff', 'main..HEAD^', '--', 'src/a.ts']],
])('%s becomes honest words', async (text, argv) => {
  expect(await tokenise(text)).toEqual({ ok: true, argv });
});

const syntax = [
  ...[
    'ls; touch P',
    'ls && x',
    'ls || x',
    'ls | x',
    'ls & x',
    'ls &',
    'ls\nx',
    'ls\r\nx',
    'ls\0x',
    'ls > P',
    'ls >| P',
  ],
  ...[
    '2>&1 ls >P',
    'ls < x',
    'cat <<E\nx\nE',
    'cat <<< x',
    'ls <(x)',
    'ls $(x)',
    'ls `x`',
    'ls "$(x)"',
    'ls "`x`"',
  ],
  ...[
    'ls $x',
    'ls ${IFS}x',
    'ls "$x"',
    "ls $'x'",
    'ls $"x"',
    'ls a[$(x)]',
    'ls $((1))',
    '{x,y}',
    'ls {a,b}',
    'ls *',
    'ls ?',
  ],
  ...[
    'ls [a]',
    'ls ~',
    'ls ~root',
    'ls a=~',
    'ls !x',
    '!!',
    '! ls',
    'ls \\x',
    '\\ls',
    'ls "\\x"',
    'A=1 ls',
    'A=1',
    'ls() { x; }',
  ],
  ...[
    '(ls)',
    '{ ls; }',
    'if x; then y; fi',
    'while x; do y; done',
    'case x in x) ;; esac',
    '[ a ]',
    '[[ a ]]',
    '((1))',
  ],
  ...[
    'export A=b',
    'declare -x a=b',
    'unset a',
    'ls #x',
    'ls #$(x)',
    '#x',
    '',
    '   ',
    'ls\u00a0-la',
    'ｌs',
    'ls \u202ex',
  ],
  ...[
    'ls "',
    "ls '",
    'ls )',
    'function x { y; }',
    'x'.repeat(9000),
    'ls a\tb',
    'if',
    'for',
    'select x in y; do z; done',
  ],
];
test.each(syntax)('shell syntax is refused: %j', async (text) => {
  expect(await tokenise(text)).toMatchObject({ ok: false });
});

test('for whatever is accepted, bash reads the same words', async () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      "'",
      '"',
      ' ',
      '-',
      '=',
      ',',
      '.',
      '/',
      '~',
      '^',
      '@',
      '%',
      '+',
      ':',
      '\\',
      '$',
      '{',
      '}',
      '#',
      '!',
      '*',
      '2',
    ],
    ...['git', "'x y'", '"z"', "''", '""', '>', '&', '|', ';', '(', ')', '[', ']', '<', '`', 'b=c'],
  );
  const accepted: { text: string; argv: string[] }[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
      const text = `printf ${pieces.join('')}`;
      const tokens = await tokenise(text);
      if (tokens.ok) accepted.push({ text, argv: tokens.argv });
    }),
    { numRuns: 1500 },
  );
  expect(accepted.length).toBeGreaterThan(50);
  // One bash for all: it prints the words of every command, each ended by a newline, each command by an empty line.
  const script = accepted.map(({ text }) => `words ${text}`).join('\n');
  const prelude = `words() { for w in "$@"; do printf '<%s>\\n' "$w"; done; echo; }\n`;
  const output = execFileSync('/bin/bash', [
    '--noprofile',
    '--norc',
    '-f',
    '-c',
    prelude + script,
  ]).toString();
  const expected = accepted
    .map(({ argv }) => [...argv.map((word) => `<${word}>`), '', ''].join('\n'))
    .join('');
  expect(output).toBe(expected);
});
