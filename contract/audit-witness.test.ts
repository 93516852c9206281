import { expect, test } from 'vitest';
import { openNote } from './audit-witness.ts';

// The signed note that the documentation of golang.org/x/mod/sumdb/note publishes, with its key.
const TEXT =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n";
const SIGNATURE =
  'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const NOTE = `${TEXT}\n\u2014 PeterNeumann ${SIGNATURE}\n`;
/** Behind the first byte of `PeterNeumann+c74f20a3+ARpc2QcU…`, which says Ed25519. */
const KEY = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64')
  .subarray(1)
  .toString('base64');

test('the published signed note opens with its key', () => {
  expect(openNote(NOTE, KEY)).toEqual({ text: TEXT, signer: 'PeterNeumann' });
});

test.each([
  ['another text', NOTE.replace('answer', 'Answer')],
  ['another name', NOTE.replace('PeterNeumann', 'PeterNeuman')],
  ['another key id', NOTE.replace('x08go', 'x08gp')],
  ['another signature', NOTE.replace('wJnAM=', 'wJnAQ=')],
  ['base64 that is spelled differently', NOTE.replace('wJnAM=', 'wJnAN=')],
  ['no empty line', NOTE.replace('\n\n', '\n')],
  ['no newline at the end', NOTE.slice(0, -1)],
  ['a hyphen for the dash', NOTE.replace('\u2014', '-')],
  ['a second signature', `${NOTE}\u2014 PeterNeumann ${SIGNATURE}\n`],
])('a note with %s does not open', (_what, note) => {
  expect(note).not.toBe(NOTE);
  expect(openNote(note, KEY)).toBeNull();
});

test('a note does not open with another key', () => {
  expect(openNote(NOTE, Buffer.alloc(32, 7).toString('base64'))).toBeNull();
});
