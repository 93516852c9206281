import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { openConfig } from './config.ts';

function file(text?: string): string {
  const path = join(temporaryFolder(), 'config.yaml');
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

test('a missing file is all defaults, and the defaults give nothing away', () => {
  expect(openConfig(file()).value.bridge).toEqual({ tools: 'standard', write: 'off', bash: 'off' });
});

test('a change keeps comments and everything else as it was', () => {
  const path = file('# mine\nbridge:\n  bash: off # never again\nname: studio\n');
  const config = openConfig(path);
  config.set(['bridge', 'write'], 'workspace');
  expect(readFileSync(path, 'utf8')).toBe(
    '# mine\nbridge:\n  bash: off # never again\n  write: workspace\nname: studio\n',
  );
  expect(openConfig(path).value.bridge.write).toBe('workspace');
});

test.each([
  ['bridge:\n  bash: sometimes\n', ':2: bridge.bash'],
  ['bridge:\n  bash: safe\n  bsah: full\n', ':3: bridge.bsah'],
  ['listeners:\n  mcp: 70000\n', ':2: listeners.mcp'],
  ['nmae: x\n', ':1: nmae'],
  ['policy:\n  rules:\n    - id: x\n      effect: maybe\n      when: {}\n', ':4: policy.rules.0.effect'],
  ['bridge: [\n', 'config.yaml:'],
])('%j is refused with file, line and key', (text, expected) => {
  const path = file(text);
  expect(() => openConfig(path)).toThrow(expected);
  expect(() => openConfig(path)).toThrow(path);
});

test('a change that would not be valid is refused and nothing is written', () => {
  const path = file('name: studio\n');
  const config = openConfig(path);
  expect(() => config.set(['bridge', 'bash'], 'wild')).toThrow('bridge.bash');
  expect(readFileSync(path, 'utf8')).toBe('name: studio\n');
  expect(config.value.bridge.bash).toBe('off');
});

test('a value from the command line holds for this run and never reaches the file', () => {
  const path = file('name: studio\n');
  const config = openConfig(path);
  config.override(['listeners', 'dashboard'], 4711);
  config.set(['bridge', 'bash'], 'safe');
  expect(config.value.listeners.dashboard).toBe(4711);
  expect(readFileSync(path, 'utf8')).not.toContain('4711');
});

test('what a person changed in the file meanwhile is kept by the next change, and refused if it is wrong', () => {
  const path = file('name: studio\n');
  const config = openConfig(path);
  writeFileSync(path, 'name: other # by hand\n');
  config.set(['bridge', 'bash'], 'safe');
  expect(readFileSync(path, 'utf8')).toBe('name: other # by hand\nbridge:\n  bash: safe\n');
  expect(config.value.name).toBe('other');
  writeFileSync(path, 'nmae: typo\n');
  expect(() => config.set(['bridge', 'bash'], 'off')).toThrow(':1: nmae');
  expect(readFileSync(path, 'utf8')).toBe('nmae: typo\n');
});

test('a rule that comes or goes through the door leaves the others as a person wrote them', () => {
  const path = file(
    '# mine\npolicy:\n  rules:\n    # why: the audit of May\n    - { id: one, effect: deny, when: {} } # first\n',
  );
  const config = openConfig(path);
  const [one] = config.value.policy.rules;
  if (!one) throw new Error('no rule');
  const two = { id: 'two', effect: 'deny' as const, when: { kind: ['net' as const] } };
  config.setPolicy([one, two]);
  expect(config.value.policy.rules.map(({ id }) => id)).toEqual(['one', 'two']);
  const text = readFileSync(path, 'utf8');
  for (const kept of ['# mine', '# why: the audit of May', '# first']) expect(text).toContain(kept);
  expect(openConfig(path).value.policy.rules).toEqual([one, two]);
  config.setPolicy([one]);
  expect(openConfig(path).value.policy.rules).toEqual([one]);
  expect(readFileSync(path, 'utf8')).toContain('# first');
});

test('rules that were changed by hand meanwhile are not written over', () => {
  const path = file('name: studio\n');
  const config = openConfig(path);
  const byHand = 'name: studio\npolicy:\n  rules:\n    - { id: mine, effect: deny, when: {} }\n';
  writeFileSync(path, byHand);
  expect(() => config.setPolicy([])).toThrow('changed by hand');
  expect(readFileSync(path, 'utf8')).toBe(byHand);
  expect(config.value.policy.rules).toEqual([]);
});

test('a set of rules that is wrong as a whole is refused with file, line and key', () => {
  const path = file('policy:\n  rules:\n    - id: one\n      effect: deny\n      when: {}\n');
  const wrong = () => ({ path: [0, 'effect'], message: 'not so' });
  expect(() => openConfig(path, wrong)).toThrow(`${path}:4: policy.rules.0.effect: not so`);
});
