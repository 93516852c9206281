import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markdownBlocks, type Block } from './markdown-lite.ts';

test('paragraphs, headings, lists, quotes and code are told apart', () => {
  const blocks = markdownBlocks(
    '# Plan\nDo it.\n\n- one\n- two\n  more\n\n1. first\n\n> said\n\n```ts\nlet a = 1;\n\n```\nend',
  );
  expect(blocks.map((block) => block.kind)).toEqual([
    'heading',
    'paragraph',
    'list',
    'list',
    'quote',
    'code',
    'paragraph',
  ]);
  expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: 'one' }], [{ text: 'two\nmore' }]] });
  expect(blocks[3]).toMatchObject({ ordered: true });
  expect(blocks[5]).toEqual({ kind: 'code', language: 'ts', text: 'let a = 1;\n' });
});

test('inline code, strong and emphasis are marked', () => {
  expect(markdownBlocks('run `npm test` **now** *please*')[0]).toEqual({
    kind: 'paragraph',
    inlines: [
      { kind: 'text', text: 'run ' },
      { kind: 'code', text: 'npm test' },
      { kind: 'text', text: ' ' },
      { kind: 'strong', text: 'now' },
      { kind: 'text', text: ' ' },
      { kind: 'emphasis', text: 'please' },
    ],
  });
});

test('a link keeps its address in view, a script address included, as text', () => {
  expect(markdownBlocks('[safe](javascript:alert(1)')[0]).toMatchObject({
    inlines: [{ kind: 'link', text: 'safe', address: 'javascript:alert(1' }],
  });
});

test('HTML and images stay the text that they were', () => {
  const text = '<img src=x onerror=alert(1)>';
  expect(markdownBlocks(text)).toEqual([{ kind: 'paragraph', inlines: [{ kind: 'text', text }] }]);
});

test('an unclosed fence is code to the end', () => {
  expect(markdownBlocks('```\nrm -rf\nx')).toEqual([{ kind: 'code', language: '', text: 'rm -rf\nx' }]);
});

test('any text is read without an error, and its words are all there', () => {
  const textOf = (block: Block): string => {
    if (block.kind === 'code') return block.language + block.text;
    const inlines = block.kind === 'list' ? block.items.flat() : block.inlines;
    return inlines.map((inline) => inline.text + (inline.kind === 'link' ? inline.address : '')).join('');
  };
  const unit = fc.constantFrom('a', '*', '`', '\n', '[', ']', '(', ')', '#', '-', ' ', '>', '1', '.');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      const letters = (value: string) => [...value].filter((c) => c === 'a').length;
      expect(letters(markdownBlocks(text).map(textOf).join(''))).toBe(letters(text));
    }),
  );
});

test('a hostile text of a megabyte is read in well under a second', () => {
  const started = performance.now();
  for (const unit of ['*', '`', '[a](', '**a', '- ', '> ', '[']) markdownBlocks(unit.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(5_000);
});
