import { readBlocks } from './text-blocks.ts';

test('tells headings, list items, code and text apart', () => {
  expect(readBlocks('# Plan\n\n- one\ntext <b>x</b>\n```sh\nnpm test\n```\nend')).toEqual([
    { kind: 'heading', text: 'Plan' },
    { kind: 'item', text: '• one' },
    { kind: 'text', text: 'text <b>x</b>' },
    { kind: 'code', lines: ['npm test'] },
    { kind: 'text', text: 'end' },
  ]);
});

test('a code block that is still being written is code already', () => {
  expect(readBlocks('```\nfirst')).toEqual([{ kind: 'code', lines: ['first'] }]);
});
