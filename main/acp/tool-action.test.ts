import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Action, sha256Hex } from '../../contract/action.ts';
import { HostError } from '../../contract/errors.ts';
import { WorkspaceId } from '../../contract/ids.ts';
import { openRoot } from '../guard/path-guard.ts';
import { insideWorkspace, shown } from './agent-paths.ts';
import { lineDiff } from './line-diff.ts';
import { allowOnce, reject } from './permission-option.ts';
import { describeToolCall, type ToolCallFacts } from './tool-action.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-action-')));
const files = openRoot(folder);
const context = {
  agent: 'codex',
  workspaceId: WorkspaceId.parse('w1'),
  requester: ['device:d1', 'task:t1', 'agent:codex'],
  roots: [folder],
  files,
  sanitize: (text: string) => text.replaceAll('s3cr3t', '[redacted]'),
};

function call(part: Partial<ToolCallFacts>): ToolCallFacts {
  return {
    toolCallId: 'c1',
    kind: 'other',
    title: 'a title',
    name: null,
    content: [],
    locations: [],
    rawInput: null,
    ...part,
  };
}
const describeCall = (part: Partial<ToolCallFacts>) => describeToolCall(context, call(part));

test('a command given as tokens stays tokens, with its folder relative to the workspace', async () => {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  const rawInput = {
    command: ['/bin/bash', '-lc', 'touch a.txt && echo ran'],
    cwd: join(folder, 'sub'),
    call_id: 'x',
  };
  const { facts, title } = await describeCall({ kind: 'execute', title: 'innocent', rawInput });
  expect(title).toBe('codex wants to run: /bin/bash -lc touch a.txt && echo ran');
  expect(facts.exec).toEqual({
    argv: rawInput.command,
    cwd: 'sub',
    sandbox: 'none',
    binarySha256: null,
    envNames: [],
    envSha256: null,
    cwdIdentity: null,
  });
  expect(facts.requester).toEqual(['device:d1', 'task:t1', 'agent:codex']);
});

test('a command given as a line is shown as the shell call that it is', async () => {
  const { facts } = await describeCall({ kind: 'execute', rawInput: { command: 'ls -l | wc' } });
  expect(facts.exec?.argv).toEqual(['/bin/sh', '-lc', 'ls -l | wc']);
});

test('a command in a folder outside the workspace is refused', async () => {
  await expect(
    describeCall({ kind: 'execute', rawInput: { command: ['ls'], cwd: '/etc' } }),
  ).rejects.toMatchObject({ code: 'refused' });
});

test('an edit given as a piece of a file is turned into the whole file before it is hashed', async () => {
  writeFileSync(join(folder, 'a.txt'), 'one\ntwo\nthree\n');
  const content = [{ type: 'diff' as const, path: join(folder, 'a.txt'), oldText: 'two', newText: 'zwei' }];
  const { facts, diffs, writes } = await describeCall({ kind: 'edit', content });
  expect(facts.writes).toEqual([
    {
      path: 'a.txt',
      baseSha256: sha256Hex('one\ntwo\nthree\n'),
      newSha256: sha256Hex('one\nzwei\nthree\n'),
      bytes: 'one\nzwei\nthree\n'.length,
    },
  ]);
  expect(facts.tool).toBeNull();
  expect(diffs[0]?.newText).toBe('one\nzwei\nthree\n');
  expect(writes).toHaveLength(1);
});

test('an edit whose outcome cannot be told names its paths and pins its input instead', async () => {
  writeFileSync(join(folder, 'twice.txt'), 'x\nx\n');
  const content = [{ type: 'diff' as const, path: join(folder, 'twice.txt'), oldText: 'x', newText: 'y' }];
  const { facts } = await describeCall({ kind: 'edit', content, rawInput: { replace_all: true } });
  expect(facts).toMatchObject({
    kind: 'fs.write',
    paths: ['twice.txt'],
    writes: [],
    tool: { inputSha256: sha256Hex('{"replace_all":true}') },
  });
});

test('secrets are redacted in what a person is shown, never in what is hashed', async () => {
  const content = [
    { type: 'diff' as const, path: join(folder, 'new.txt'), oldText: null, newText: 'key s3cr3t' },
  ];
  const { facts, diffs } = await describeCall({ kind: 'edit', content });
  expect(facts.writes[0]?.newSha256).toBe(sha256Hex('key s3cr3t'));
  expect(diffs[0]).toMatchObject({ newText: 'key [redacted]', redacted: true });
});

test('links out of the workspace, its parents and blocked names are refused for edits', async () => {
  symlinkSync('/etc', join(folder, 'etc'));
  for (const path of [
    '/etc/passwd',
    join(folder, '../x'),
    join(folder, 'etc/hosts'),
    join(folder, '.git/config'),
    '../x',
    join(folder, '.env'),
  ]) {
    const content = [{ type: 'diff' as const, path, oldText: null, newText: 'x' }];
    await expect(describeCall({ kind: 'edit', content }), path).rejects.toBeInstanceOf(HostError);
  }
});

test('whatever an agent sends becomes a valid action or a refusal', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '/', '..', '.env', 'a.txt', folder),
  );
  const anything = fc.record({
    kind: fc.constantFrom(
      'read',
      'edit',
      'delete',
      'move',
      'search',
      'execute',
      'think',
      'fetch',
      'switch_mode',
      'other',
    ),
    title: text,
    name: fc.option(text),
    rawInput: fc.oneof(
      fc.jsonValue(),
      fc.record({ command: fc.oneof(text, fc.array(text)), cwd: text }, { requiredKeys: [] }),
    ),
    locations: fc.array(fc.record({ path: text }), { maxLength: 3 }),
    content: fc.array(
      fc.record({ type: fc.constant('diff'), path: text, oldText: fc.option(text), newText: text }),
      { maxLength: 3 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(anything, async (part) => {
      try {
        const { facts, title } = await describeCall(part);
        expect(
          Action.safeParse({ v: 1, id: 'x', policySha256: 'a'.repeat(64), ...facts }).error,
        ).toBeUndefined();
        expect(title.length).toBeLessThanOrEqual(256);
        expect(title).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        for (const path of [...facts.paths, ...facts.writes.map((write) => write.path)]) {
          expect(path.startsWith('/') || path.split('/').includes('..')).toBe(false);
        }
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

test('an agent is given leave for once or none, and the mildest no', () => {
  const option = (kind: 'allow_once' | 'allow_always' | 'reject_once' | 'reject_always') => ({
    optionId: kind,
    name: kind,
    kind,
  });
  expect(allowOnce([option('allow_always'), option('allow_once')])).toEqual({
    outcome: { outcome: 'selected', optionId: 'allow_once' },
  });
  expect(allowOnce([option('allow_always'), option('reject_once')])).toBeNull();
  expect(reject([option('reject_always'), option('reject_once')])).toEqual({
    outcome: { outcome: 'selected', optionId: 'reject_once' },
  });
  expect(reject([option('allow_once')])).toEqual({ outcome: { outcome: 'cancelled' } });
});

test('a path is inside only below the workspace, never beside it', () => {
  expect(insideWorkspace(['/w/s'], '/w/s/a/b')).toBe('a/b');
  expect(insideWorkspace(['/w/s'], '/w/s')).toBe('.');
  expect(insideWorkspace(['/w/s'], '/w/s/..x')).toBe('..x');
  for (const path of ['/w/s2/a', '/w', '/w/s/../x', '/'])
    expect(() => insideWorkspace(['/w/s'], path)).toThrow(HostError);
  expect(shown('a\u202eb\u0007')).toBe('a⟦U+202E⟧b⟦U+0007⟧');
});

test('a diff has one hunk around what changed', () => {
  expect(lineDiff('f', 'a\nb\nc\nd\ne\n', 'a\nb\nX\nd\ne\n')).toBe(
    '--- a/f\n+++ b/f\n@@ -1,5 +1,5 @@\n a\n b\n-c\n+X\n d\n e\n',
  );
  expect(lineDiff('f', null, 'x\n')).toBe('--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+x\n');
  expect(lineDiff('f', 'same\n', 'same\n')).toBe('');
});
