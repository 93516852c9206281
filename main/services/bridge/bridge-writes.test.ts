import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256Hex } from '../../../contract/action.ts';
import { mcpCaller } from '../../kernel/caller.ts';
import { codeOf, testBridge, type TestBridge } from './fakes.ts';

const writer = mcpCaller('writer', 'write', null);
let bridge: TestBridge;
const content = (path: string): string => readFileSync(join(bridge.folder, path), 'utf8');

beforeEach(() => {
  bridge = testBridge();
  bridge.modes = { tools: 'standard', write: 'workspace', bash: 'off' };
});
afterEach(() => bridge.close());

test('with writing switched off a write is refused with the way to switch it on, and nobody is asked', async () => {
  bridge.modes = { tools: 'standard', write: 'off', bash: 'off' };
  const reply = await bridge.call(writer, 'bridge.write', { path: 'a.txt', text: 'x', baseSha256: null });
  expect(reply).toMatchObject({
    ok: false,
    error: {
      code: 'refused',
      message: expect.stringContaining('signalbox mcp mode --write workspace') as string,
    },
  });
  expect(bridge.approver.requests).toEqual([]);
  expect(existsSync(join(bridge.folder, 'a.txt'))).toBe(false);
});

test('handoff mode lets a client write its own folder and nothing else', async () => {
  bridge.modes = { tools: 'standard', write: 'handoff', bash: 'off' };
  await bridge.ok(writer, 'bridge.write', { path: '.handoff/plan.md', text: '# plan\n', baseSha256: null });
  expect(content('.handoff/plan.md')).toBe('# plan\n');
  for (const path of ['a.txt', '.handoff', '.handoffs/x', 'src/.handoff/x', '.handoff/../a.txt']) {
    const reply = await bridge.call(writer, 'bridge.write', { path, text: 'x', baseSha256: null });
    expect(['refused', 'not_permitted']).toContain(codeOf(reply));
  }
  expect(existsSync(join(bridge.folder, 'a.txt'))).toBe(false);
});

test('a new file is asked for with its exact hash and size, written and put on record', async () => {
  const written = await bridge.ok(writer, 'bridge.write', {
    path: 'new/dir/a.txt',
    text: 'héllo\n',
    baseSha256: null,
  });
  const facts = { path: 'new/dir/a.txt', sha256: sha256Hex('héllo\n'), bytes: 7, created: true };
  expect(written).toEqual(facts);
  expect(content('new/dir/a.txt')).toBe('héllo\n');
  expect(bridge.approver.requests).toMatchObject([
    {
      origin: 'mcp',
      title: 'Create new/dir/a.txt',
      facts: {
        kind: 'fs.write',
        workspaceId: 'w1',
        requester: ['mcp:writer'],
        paths: ['new/dir/a.txt'],
        writes: [{ path: 'new/dir/a.txt', baseSha256: null, newSha256: facts.sha256, bytes: 7 }],
      },
      diffs: [
        { path: 'new/dir/a.txt', oldText: null, newText: 'héllo\n', redacted: false, truncated: false },
      ],
    },
  ]);
  expect(bridge.audited).toMatchObject([
    {
      actor: 'mcp:writer',
      type: 'fs.written',
      object: 'new/dir/a.txt',
      facts: { newSha256: facts.sha256, baseSha256: null },
    },
  ]);
  expect(JSON.stringify(bridge.audited)).not.toContain('héllo');
});

test('a file is replaced only with the hash of what it holds', async () => {
  bridge.put('a.txt', 'old\n');
  const reply = await bridge.call(writer, 'bridge.write', {
    path: 'a.txt',
    text: 'new',
    baseSha256: sha256Hex('older\n'),
  });
  expect(reply).toMatchObject({
    ok: false,
    error: {
      code: 'stale',
      data: { actualSha256: sha256Hex('old\n'), expectedSha256: sha256Hex('older\n') },
    },
  });
  expect(
    codeOf(await bridge.call(writer, 'bridge.write', { path: 'a.txt', text: 'new', baseSha256: null })),
  ).toBe('conflict');
  expect(
    codeOf(
      await bridge.call(writer, 'bridge.write', { path: 'b.txt', text: 'new', baseSha256: sha256Hex('x') }),
    ),
  ).toBe('stale');
  expect(bridge.approver.requests).toEqual([]);
  const written = await bridge.ok(writer, 'bridge.write', {
    path: 'a.txt',
    text: 'new\n',
    baseSha256: sha256Hex('old\n'),
  });
  expect(written).toMatchObject({ created: false });
  expect(content('a.txt')).toBe('new\n');
});

test('the permission bits of a file survive a write', async () => {
  bridge.put('run.sh', '#!/bin/sh\n');
  const { chmodSync } = await import('node:fs');
  chmodSync(join(bridge.folder, 'run.sh'), 0o750);
  await bridge.ok(writer, 'bridge.write', {
    path: 'run.sh',
    text: '#!/bin/sh\nls\n',
    baseSha256: sha256Hex('#!/bin/sh\n'),
  });
  expect(statSync(join(bridge.folder, 'run.sh')).mode & 0o777).toBe(0o750);
});

test('a refusal changes nothing and says who refused and why', async () => {
  bridge.put('a.txt', 'old\n');
  bridge.approver.answer = { effect: 'deny', approvalId: null, by: 'person', reason: 'not today' };
  const reply = await bridge.call(writer, 'bridge.write', {
    path: 'a.txt',
    text: 'new',
    baseSha256: sha256Hex('old\n'),
  });
  expect(reply).toMatchObject({
    ok: false,
    error: { code: 'refused', message: 'The owner said no: not today' },
  });
  expect(content('a.txt')).toBe('old\n');
  expect(bridge.audited).toEqual([]);
});

test('a file that changes while a person decides is not overwritten', async () => {
  bridge.put('a.txt', 'old\n');
  bridge.approver.answer = () => {
    bridge.put('a.txt', 'meanwhile\n');
    return Promise.resolve('allow');
  };
  const reply = await bridge.call(writer, 'bridge.write', {
    path: 'a.txt',
    text: 'new',
    baseSha256: sha256Hex('old\n'),
  });
  expect(codeOf(reply)).toBe('stale');
  expect(content('a.txt')).toBe('meanwhile\n');
  expect(bridge.approver.outcomes).toEqual(['stale']);
});

test('writing that is switched off while a person decides does not happen', async () => {
  bridge.approver.answer = () => {
    bridge.modes = { ...bridge.modes, write: 'off' };
    return Promise.resolve('allow');
  };
  const reply = await bridge.call(writer, 'bridge.write', { path: 'a.txt', text: 'new', baseSha256: null });
  expect(codeOf(reply)).toBe('stale');
  expect(existsSync(join(bridge.folder, 'a.txt'))).toBe(false);
});

test('an edit replaces the one occurrence literally', async () => {
  bridge.put('a.ts', 'const price = old;\nreturn price;\n');
  await bridge.ok(writer, 'bridge.edit', {
    path: 'a.ts',
    oldText: 'old;',
    newText: "$& $1 $` '$$';",
    baseSha256: sha256Hex('const price = old;\nreturn price;\n'),
  });
  expect(content('a.ts')).toBe("const price = $& $1 $` '$$';\nreturn price;\n");
});

test.each([
  ['absent', 0],
  ['price', 2],
  ['aa', 2],
])('an edit of %j, which occurs %i times, is a conflict with the count', async (oldText, count) => {
  const text = 'price and price aaa\n';
  bridge.put('a.ts', text);
  const reply = await bridge.call(writer, 'bridge.edit', {
    path: 'a.ts',
    oldText,
    newText: 'x',
    baseSha256: sha256Hex(text),
  });
  expect(reply).toMatchObject({ ok: false, error: { code: 'conflict', data: { count } } });
  expect(content('a.ts')).toBe(text);
});

test('a byte order mark and line ends survive an edit', async () => {
  const text = '\ufeffone\r\ntwo\r\n';
  bridge.put('a.txt', text);
  await bridge.ok(writer, 'bridge.edit', {
    path: 'a.txt',
    oldText: 'two',
    newText: 'three',
    baseSha256: sha256Hex(text),
  });
  expect(content('a.txt')).toBe('\ufeffone\r\nthree\r\n');
});

test('what was read redacted cannot be written back over the secret, and can be edited around it', async () => {
  const secret = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
  const text = `token: ${secret}\nname: old\n`;
  bridge.put('c.yml', text);
  const read = await bridge.ok(writer, 'bridge.read', { path: 'c.yml' });
  const reply = await bridge.call(writer, 'bridge.write', {
    path: 'c.yml',
    text: read.text.replace('old', 'new'),
    baseSha256: read.sha256,
  });
  expect(codeOf(reply)).toBe('conflict');
  await bridge.ok(writer, 'bridge.edit', {
    path: 'c.yml',
    oldText: 'old',
    newText: 'new',
    baseSha256: read.sha256,
  });
  expect(content('c.yml')).toBe(text.replace('old', 'new'));
  const [request] = bridge.approver.requests;
  expect(request?.diffs[0]).toMatchObject({ redacted: true });
  expect(JSON.stringify(request)).not.toContain(secret);
});

test('of two writers with the same base exactly one succeeds', async () => {
  bridge.put('a.txt', 'old\n');
  const attempt = (text: string) =>
    bridge.call(writer, 'bridge.write', { path: 'a.txt', text, baseSha256: sha256Hex('old\n') });
  const codes = (await Promise.all([attempt('one'), attempt('two'), attempt('three')])).map(codeOf);
  expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  expect(codes.filter((code) => code === 'stale')).toHaveLength(2);
});

test('a token that may only read cannot write whatever the mode', async () => {
  const reader = mcpCaller('reader', 'read', null);
  const reply = await bridge.call(reader, 'bridge.write', { path: 'a.txt', text: 'x', baseSha256: null });
  expect(codeOf(reply)).toBe('not_permitted');
});
