import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Hex } from '../../../contract/action.ts';
import { mcpCaller } from '../../kernel/caller.ts';
import { testBridge, type TestBridge } from './fakes.ts';
import { align } from './redacted-lines.ts';
import { splitLines } from './text-file.ts';
import { replaceOnce } from './write-file.ts';

const agent = mcpCaller('agent', 'exec', null);
let bridge: TestBridge;

beforeAll(() => {
  bridge = testBridge();
  bridge.modes = { tools: 'full', write: 'workspace', bash: 'safe' };
  writeFileSync(join(bridge.outside, 'secret.txt'), 'OUTSIDE\n');
  for (const path of ['.env', '.git/config', 'src/.ssh/id_rsa', 'src/ok.txt'])
    bridge.put(path, `INSIDE ${path}\n`);
  bridge.put('src/ok.txt', 'fine\n');
  symlinkSync(bridge.outside, join(bridge.folder, 'src/out'));
  symlinkSync('../.env', join(bridge.folder, 'src/alias'));
});
afterAll(() => bridge.close());

const atoms = [
  '..',
  '.',
  '',
  '/',
  '~',
  'src',
  'out',
  'alias',
  '.env',
  '.ENV',
  '.git',
  'config',
  '.ssh',
  'id_rsa',
];
const more = [
  'secret.txt',
  'ok.txt',
  '%2e%2e',
  '\\',
  ':',
  '\u0000',
  '\u202e',
  '．．',
  '.env.',
  '.env ',
  'CON',
  'proc',
  'self',
];
const hostilePath = fc
  .array(fc.oneof(fc.constantFrom(...atoms, ...more), fc.string({ maxLength: 6 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join('/'))
  .filter((path) => path.length > 0);

test('no path whatever brings out what is blocked or outside, nor asks a person for it', async () => {
  await fc.assert(
    fc.asyncProperty(hostilePath, async (path) => {
      const replies = [
        await bridge.call(agent, 'bridge.read', { path }),
        await bridge.call(agent, 'bridge.list', { path }),
        await bridge.call(agent, 'bridge.edit', {
          path,
          oldText: 'E',
          newText: 'X',
          baseSha256: sha256Hex('OUTSIDE\n'),
        }),
        await bridge.call(agent, 'bridge.bash', { command: `cat ${path}` }),
      ];
      expect(JSON.stringify(replies)).not.toMatch(/OUTSIDE|INSIDE|"internal"/);
      expect(bridge.approver.requests.every(({ facts }) => facts.exec?.sandbox === 'ro')).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('no glob and no pattern brings out what is blocked or outside', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostilePath, fc.string({ minLength: 1, maxLength: 12 })), async (glob) => {
      const reply = await bridge.call(agent, 'bridge.search', {
        pattern: '.',
        regex: true,
        glob: glob.slice(0, 256),
      });
      expect(JSON.stringify(reply)).not.toMatch(/OUTSIDE|INSIDE|"internal"/);
    }),
    { numRuns: 60 },
  );
});

const lines = fc.array(fc.constantFrom<string[]>('a\n', 'b\n', 'c\n', '[REDACTED x #0000]\n'), {
  maxLength: 8,
});

test('redacted lines keep the numbers of the file, and show nothing that was not let out', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const shown = align(before, after);
      expect(shown).toHaveLength(before.length);
      for (const line of shown) expect(after.includes(line) || line.startsWith('[REDACTED part')).toBe(true);
    }),
  );
});

test('splitting into lines loses nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\u2028') }),
      (text) => splitLines(text).join('') === text,
    ),
  );
});

test('an edit changes its one place and nothing else, whatever the texts hold', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '$', '&', '\n'), maxLength: 12 });
  fc.assert(
    fc.property(
      word,
      word,
      word.filter((text) => text !== ''),
      word,
      (head, tail, oldText, newText) => {
        const text = head + oldText + tail;
        const places = [...text].filter((_, at) => text.startsWith(oldText, at)).length;
        const edit = () => replaceOnce('f', text, oldText, newText);
        if (places === 1) expect(edit()).toBe(head + newText + tail);
        else expect(edit).toThrow(`occurs ${places} times`);
      },
    ),
  );
});

test('one client has at most 32 calls at once', async () => {
  bridge.approver.requests.length = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  bridge.approver.answer = async () => {
    await held;
    return { effect: 'deny', approvalId: null, by: 'person', reason: 'no' };
  };
  const write = (i: number) =>
    bridge.call(agent, 'bridge.write', { path: `f${i}`, text: 'x', baseSha256: null });
  const waiting = Array.from({ length: 32 }, (_, i) => write(i));
  await expect.poll(() => bridge.approver.requests.length).toBe(32);
  expect(await write(33)).toMatchObject({ ok: false, error: { code: 'too_many' } });
  release();
  for (const reply of await Promise.all(waiting))
    expect(reply).toMatchObject({ ok: false, error: { code: 'refused' } });
  expect((await bridge.call(agent, 'bridge.list', {})).ok).toBe(true);
});
