import { expect, test } from 'vitest';
import { withoutContextFolder } from './patch.ts';

const part = (path: string) =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b .handoff/x\n`;

test('of a diff of git only the files of the context directory are left out', () => {
  const mine = part('src/a.ts') + part('not.handoff/b') + part('sub/.handoff/c');
  const whole = part('.handoff/agent-status.md') + mine + part('.handoff/execution-log.jsonl');
  expect(withoutContextFolder(whole)).toBe(mine);
  expect(withoutContextFolder('')).toBe('');
  expect(withoutContextFolder(part('.handoff/x'))).toBe('');
});

test('of a plain diff too, new files included', () => {
  const mine =
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,1 +1,1 @@\n-a\n+b\n--- /dev/null\n+++ b/new.ts\n@@ -0,0 +1,1 @@\n+x\n';
  const status = '--- /dev/null\n+++ b/.handoff/agent-status.md\n@@ -0,0 +1,1 @@\n+done\n';
  expect(withoutContextFolder(`${status}${mine}`)).toBe(mine);
  expect(withoutContextFolder(`${mine}${status}`)).toBe(mine);
});
