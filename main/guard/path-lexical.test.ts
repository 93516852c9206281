import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HostError } from '../../contract/errors.ts';
import { createBlockList, matchGlob } from './blocked-paths.ts';
import { parseRelativePath } from './path-lexical.ts';

test('ordinary names pass and are normalised', () => {
  expect(parseRelativePath('./src//a.ts').path).toBe('src/a.ts');
  expect(parseRelativePath('..foo').path).toBe('..foo');
  expect(parseRelativePath('sp ace').path).toBe('sp ace');
  expect(parseRelativePath('日本/文.md').segments).toEqual(['日本', '文.md']);
  expect(parseRelativePath('.').path).toBe('');
});

test('a refusal names the path, with invisible characters written out, and the rule', () => {
  expect(() => parseRelativePath('../x')).toThrow('"../x" leaves the workspace');
  expect(() => parseRelativePath('a\u202eb')).toThrow('"a\\u{202e}b" contains a control');
  expect(() => parseRelativePath('/etc')).toThrow('"/etc" is an absolute path');
});

test('whatever passes is relative, has no parent step and survives a second pass unchanged', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('.', '/', '\\', '~', 'a', ':', '%2e') }),
      ),
      (input) => {
        let path: string;
        try {
          path = parseRelativePath(input).path;
        } catch (error) {
          expect(error).toBeInstanceOf(HostError);
          return;
        }
        expect(path.startsWith('/')).toBe(false);
        expect(path.split('/')).not.toContain('..');
        expect(parseRelativePath(path).path).toBe(path);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the block list folds case and compatibility forms, and looks at every part', () => {
  const list = createBlockList();
  for (const path of [
    '.env',
    'a/.ENV.local',
    '.GIT/config',
    'x/.ｅnv',
    'ID_RSA.pub',
    'k/server.PEM',
    '.config/gcloud/x',
  ]) {
    expect(list.match(path.split('/')), path).not.toBeNull();
  }
  for (const path of [
    '.env.example',
    '.gitignore',
    '.github/workflows/ci.yml',
    'src/environment.ts',
    '.config/other',
  ]) {
    expect(list.match(path.split('/')), path).toBeNull();
  }
  expect(createBlockList({ generated: false }).match(['dist', 'x.js'])).toBeNull();
  expect(createBlockList({ extra: ['*.secret'] }).match(['a.secret'])).toBe('*.secret');
  expect(createBlockList({ exceptions: ['test.pem'] }).match(['fixtures', 'test.pem'])).toBeNull();
});

test('an exception for a name does not open a blocked directory above it', () => {
  expect(createBlockList().match(['.git', '.env.example'])).toBe('.git');
});

test('the wildcard match agrees with a regular expression and stays linear on hostile patterns', () => {
  const small = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(small, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, text) => {
      const expression = new RegExp(`^${pattern.replace(/\*+/g, '.*')}$`);
      expect(matchGlob(pattern, text)).toBe(expression.test(text));
    }),
  );
  expect(matchGlob('*a*a*a*a*a*b', 'a'.repeat(4000))).toBe(false);
});
