import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAX_PLAN_BYTES } from '../../../contract/handoff.ts';
import { openRoot } from '../../guard/path-guard.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { writePlan } from '../../testing/handoff-bench.ts';
import { readPlan, saysSomething } from './plan.ts';

async function planOf(make: (folder: string) => void) {
  const folder = temporaryFolder('plan');
  make(folder);
  const root = openRoot(folder);
  try {
    return await readPlan(root);
  } finally {
    root.close();
  }
}

test('a plan is its text, its hash, and its first heading', async () => {
  const text = 'Updated: 2026-01-01T00:00:00Z\n\n## Tidy up\n\nRemove the old folder.\n';
  expect(await planOf((folder) => writePlan(folder, text))).toEqual({
    text,
    sha256: execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64),
    bytes: text.length,
    title: 'Tidy up',
    usable: true,
  });
  expect(await planOf((folder) => writePlan(folder, 'Just do it\n'))).toMatchObject({ title: 'Just do it' });
});

test.each([
  ['there is none', () => {}, 'not_found'],
  ['it is empty', (folder: string) => writePlan(folder, ' \n\t\n'), 'invalid_input'],
  ['it is too long', (folder: string) => writePlan(folder, 'x'.repeat(MAX_PLAN_BYTES + 1)), 'too_large'],
  [
    'it is no text',
    (folder: string) => {
      writePlan(folder, '');
      writeFileSync(join(folder, '.handoff/current-plan.md'), Buffer.from([0x41, 0xff, 0xfe]));
    },
    'invalid_input',
  ],
  [
    'it is a folder',
    (folder: string) => mkdirSync(join(folder, '.handoff/current-plan.md'), { recursive: true }),
    'invalid_input',
  ],
  [
    'it is a link',
    (folder: string) => {
      mkdirSync(join(folder, '.handoff'));
      symlinkSync('/etc/hostname', join(folder, '.handoff/current-plan.md'));
    },
    'not_permitted',
  ],
  [
    'its folder is a link',
    (folder: string) => {
      mkdirSync(join(folder, 'other'));
      writeFileSync(join(folder, 'other/current-plan.md'), 'do it');
      symlinkSync('other', join(folder, '.handoff'));
    },
    'not_permitted',
  ],
  [
    'it has a second name',
    (folder: string) => {
      writePlan(folder, 'do it');
      linkSync(join(folder, '.handoff/current-plan.md'), join(folder, 'second'));
    },
    'not_permitted',
  ],
])('a plan is refused when %s', async (_name, make, code) => {
  await expect(planOf(make)).rejects.toMatchObject({ code });
});

test.each([
  '# Plan\n\nUpdated: 2026-01-01\nWorkspace: /x\nTarget agent: helper\nModel: big\n\n## Plan\n\n- [ ] TODO\n',
  '# Plan\n\n<!-- write\nthe plan here -->\n\n## Implementation contract\n',
  '# Plan\n\nWrite the plan here.\n\n---\n\n1. ...\n2. <what to do>\n',
  '# Title only\n',
  '<!-- never closed: do everything',
])('the form that nobody has filled in says nothing: %j', (text) => {
  expect(saysSomething(text)).toBe(false);
});

test.each([
  'Fix the login.',
  '# Plan\n- TODO\n- rename a to b\n',
  '1. Write the tests for parse()\n',
  '```\nmake all\n```\n',
])('a plan says something: %j', (text) => {
  expect(saysSomething(text)).toBe(true);
});
