import { expect, test } from 'vitest';
import { argvOf } from './argv-line.ts';

test('spaces part tokens and quotes join them', () => {
  expect(argvOf(`npm run  "dev server" 'it is' a"b c"d ""`)).toEqual([
    'npm',
    'run',
    'dev server',
    'it is',
    'ab cd',
    '',
  ]);
});
test('what a shell would read means nothing here', () => {
  expect(argvOf('echo $HOME; rm -rf / | x && y > z')).toEqual([
    'echo',
    '$HOME;',
    'rm',
    '-rf',
    '/',
    '|',
    'x',
    '&&',
    'y',
    '>',
    'z',
  ]);
});
test('an open quote is not finished', () => expect(argvOf('echo "a')).toBeNull());
test('nothing is no token', () => expect(argvOf('  ')).toEqual([]));
