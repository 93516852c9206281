import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { projectFile } from './project-file.ts';

test('a project file is found in the folder or the nearest one above it, ours before that of agent-procs', () => {
  const folder = temporaryFolder();
  const deep = join(folder, 'packages/api/src');
  mkdirSync(deep, { recursive: true });
  expect(() => projectFile(undefined, deep)).toThrow(`there is no signalbox.yaml in ${deep} or above it`);
  writeFileSync(join(folder, 'signalbox.yaml'), '');
  expect(projectFile(undefined, deep)).toBe(join(folder, 'signalbox.yaml'));
  writeFileSync(join(folder, 'packages/agent-procs.yaml'), '');
  expect(projectFile(undefined, deep)).toBe(join(folder, 'packages/agent-procs.yaml'));
  writeFileSync(join(folder, 'packages/signalbox.yaml'), '');
  expect(projectFile(undefined, deep)).toBe(join(folder, 'packages/signalbox.yaml'));
  expect(projectFile('other.yaml', deep)).toBe(join(deep, 'other.yaml'));
});
