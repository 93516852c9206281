import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMMAND_VARIABLES, fillCommand, splitCommand, type CommandValues } from './command-line.ts';

const VALUES = Object.fromEntries(COMMAND_VARIABLES.map((name) => [name, `<${name}>`])) as CommandValues;
const read = async (text: string) => fillCommand(await splitCommand('--reviewer', text), VALUES);

test.each([
  ['npm test', ['npm', 'test']],
  [`node 'my review.mjs' "two words"`, ['node', 'my review.mjs', 'two words']],
  ['check --plan={{plan_file}} {{ iteration }}', ['check', '--plan=<plan_file>', '<iteration>']],
  ["'{{root}}/bin/review' {{diff_file}}", ['<root>/bin/review', '<diff_file>']],
  ['variable variable-root- {{root}}', ['variable', 'variable-root-', '<root>']],
])('%s is split into its words', async (text, words) => {
  expect(await read(text)).toEqual(words);
});

test.each([
  ["review 'it", "--reviewer: the quote ' is not closed"],
  ['review "it', '--reviewer: the quote " is not closed'],
  ['review {{secret}}', 'there is no variable {{secret}}; known: root, context_dir'],
  ['review && rm -rf /', '--reviewer:'],
  ['review $HOME', '--reviewer:'],
  ['review `id`', '--reviewer:'],
  ['A=1 review', '--reviewer:'],
  ['review > file', '--reviewer:'],
  ['   ', '--reviewer: the command is empty'],
])('%s is refused and says why', async (text, message) => {
  await expect(splitCommand('--reviewer', text)).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(message) as unknown,
  });
});

test('a value stays one word and is never read again, whatever it holds', async () => {
  const words = await splitCommand('--tests', 'check --in={{root}} {{plan_file}}');
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('{{plan_file}}', '$HOME', `' "`, '{{root}}'), (any, hostile) => {
      const root = `${any}${hostile}`;
      expect(fillCommand(words, { ...VALUES, root })).toEqual(['check', `--in=${root}`, '<plan_file>']);
    }),
  );
});
