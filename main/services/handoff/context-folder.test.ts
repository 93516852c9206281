import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRoot } from '../../guard/path-guard.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { openContextFolder } from './context-folder.ts';

async function context(folder = temporaryFolder()) {
  const opened = await openContextFolder(openRoot(folder));
  onTestFinished(() => opened.close());
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { folder, opened, read };
}

test('a file that others could read before is for its owner alone afterwards', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.handoff'));
  writeFileSync(join(folder, '.handoff/agent-status.md'), 'old');
  chmodSync(join(folder, '.handoff/agent-status.md'), 0o664);
  const { opened, read } = await context(folder);
  await opened.write('.handoff/agent-status.md', 'new');
  expect(read('.handoff/agent-status.md')).toBe('new');
  expect(statSync(join(folder, '.handoff/agent-status.md')).mode & 0o777).toBe(0o600);
});

test('lines that are added at the same moment all come to stand, in order', async () => {
  const { opened, read } = await context();
  await Promise.all(Array.from({ length: 50 }, (_one, index) => opened.addLogLine({ index })));
  const lines = read('.handoff/execution-log.jsonl').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([...lines.keys()]);
});

test('a log that becomes too long loses its older half, whole lines only', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.handoff'));
  const old = Array.from({ length: 12_000 }, (_one, index) =>
    JSON.stringify({ index, text: 'x'.repeat(80) }),
  );
  writeFileSync(join(folder, '.handoff/execution-log.jsonl'), `${old.join('\n')}\n`);
  const { opened, read } = await context(folder);
  await opened.addLogLine({ index: 12_000 });
  const lines = read('.handoff/execution-log.jsonl').trimEnd().split('\n');
  const indexes = lines.map((line) => (JSON.parse(line) as { index: number }).index);
  expect(indexes.at(-1)).toBe(12_000);
  expect(indexes.length).toBeLessThan(6100);
  expect(indexes[0]).toBe(12_001 - indexes.length);
});
