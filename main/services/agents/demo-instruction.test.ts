import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editedContent, readInstruction } from './demo-instruction.ts';

test('the forms that the demo agent documents are understood', () => {
  expect(readInstruction('in README.md replace "old text" with "new text"')).toEqual({
    kind: 'replace',
    path: 'README.md',
    from: 'old text',
    to: 'new text',
  });
  expect(readInstruction('Please replace foo with bar in src/a-b.ts.')).toEqual({
    kind: 'replace',
    path: 'src/a-b.ts',
    from: 'foo',
    to: 'bar',
  });
  expect(readInstruction('append the line "- buy milk" to notes.md')).toEqual({
    kind: 'append',
    path: 'notes.md',
    line: '- buy milk',
  });
  expect(readInstruction('create hello.txt with hello')).toEqual({
    kind: 'create',
    path: 'hello.txt',
    content: 'hello',
  });
  expect(readInstruction('read README.md')).toEqual({ kind: 'read', path: 'README.md' });
  expect(readInstruction('run git "log -1" x')).toEqual({ kind: 'run', argv: ['git', 'log -1', 'x'] });
  expect(readInstruction('Please improve docs/guide.md a little')).toEqual({
    kind: 'note',
    path: 'docs/guide.md',
  });
  expect(readInstruction('say hello')).toEqual({ kind: 'note', path: null });
});

test('any text is understood as something, in reasonable time', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000, size: 'max' }), (text) => {
      expect(readInstruction(text).kind).toBeTypeOf('string');
    }),
    { numRuns: 200 },
  );
});

test('an edit says why it is none', () => {
  const context = { date: '2026-01-02', prompt: 'tidy up\nplease' };
  expect(editedContent({ kind: 'replace', path: 'a', from: 'x', to: '$&' }, 'axa', context)).toEqual({
    content: 'a$&a',
  });
  expect(editedContent({ kind: 'replace', path: 'a', from: 'x', to: 'y' }, 'abc', context)).toHaveProperty(
    'problem',
  );
  expect(editedContent({ kind: 'replace', path: 'a', from: 'x', to: 'y' }, null, context)).toHaveProperty(
    'problem',
  );
  expect(editedContent({ kind: 'create', path: 'a', content: 'x' }, '', context)).toHaveProperty('problem');
  expect(editedContent({ kind: 'append', path: 'a', line: 'b' }, 'a', context)).toEqual({
    content: 'a\nb\n',
  });
  expect(editedContent({ kind: 'note', path: null }, null, context)).toEqual({
    content: '- 2026-01-02: tidy up\n',
  });
});
