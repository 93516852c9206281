import { expect, test } from 'vitest';
import type { Rule, RuleExample } from '../../../contract/policy.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import { rememberableScopes } from './grants.ts';
import { factsOf } from './rule-tests.ts';

const moment = { now: '2026-01-07T12:00:00.000Z', clockJumped: false };

type Step = Omit<RuleExample, 'origin'>;
const read = (...paths: string[]): Step[] => paths.map((path) => ({ kind: 'fs.read', paths: [path] }));
const write = (path: string, times = 1): Step[] =>
  Array.from({ length: times }, () => ({ kind: 'fs.write', paths: [path] }));
const run = (command: string, times = 1, sandbox: 'ro' | 'ws' | 'ws+net' = 'ws'): Step[] =>
  Array.from({ length: times }, () => ({ kind: 'exec', argv: command.split(' '), sandbox }));

/** A feature with its tests, a bug, an upgrade and a release: what an agent does in a day, in order. */
const DAY: readonly Step[] = [
  ...read('README.md', 'package.json', 'src/app.ts', 'src/routes.ts', 'src/db.ts', 'test/app.test.ts'),
  ...run('ls src', 4, 'ro'),
  ...run('git status', 6, 'ro'),
  ...run('git diff', 6, 'ro'),
  ...Array.from({ length: 4 }, (): Step => ({ kind: 'git.read' })),
  ...write('src/routes.ts', 5),
  ...write('test/app.test.ts', 4),
  ...run('npm test', 9),
  ...run('npm run lint', 5),
  ...read('src/session.ts', 'src/token.ts', 'docs/api.md', 'src/log.ts'),
  ...write('src/session.ts', 3),
  ...write('docs/api.md', 2),
  ...run('npm run build', 3),
  ...run('git add src', 3),
  ...run('git commit -m feature', 2),
  ...write('package.json', 1),
  ...run('npm install', 1, 'ws+net'),
  { kind: 'fs.delete', paths: ['src/old.ts'] },
  ...run('git push origin main', 1, 'ws+net'),
];

/** One rule for each thing that a developer would say yes to all day, as the dashboard proposes them. */
const OWN: readonly Rule[] = [
  { id: 'own.src', effect: 'allow', when: { kind: ['fs.write'], pathIn: ['src/**', 'test/**', 'docs/**'] } },
  ...[
    ['npm', 'test'],
    ['npm', 'run', ['lint', 'build']],
    ['git', ['add', 'commit']],
  ].map((argv, index): Rule => ({
    id: `own.run-${index}`,
    effect: 'allow',
    when: { kind: ['exec'], sandbox: ['ws'], argv },
  })),
];

/** Lives through the day; every answer that can be kept for the session is kept. */
function live(rules: readonly Rule[]): { asks: number; grave: number; denied: number } {
  const remembered = new Set<string>();
  let [asks, grave, denied] = [0, 0, 0];
  for (const step of DAY) {
    const facts = factsOf({ ...step, origin: 'acp', workspace: 'w'.repeat(16), agent: 'a' });
    const { effect, risk } = evaluate(rules, [], { facts, origin: 'acp' }, moment);
    if (effect === 'deny') denied += 1;
    if (effect !== 'ask' || remembered.has(JSON.stringify(step))) continue;
    asks += 1;
    if (risk >= 3) grave += 1;
    if (rememberableScopes(facts, risk, true).includes('session')) remembered.add(JSON.stringify(step));
  }
  return { asks, grave, denied };
}

test('a day of work asks little, and always for what is grave', () => {
  const bare = live(defaultRules);
  const owned = live([...defaultRules, ...OWN]);
  process.stdout.write(
    `policy: a day of ${DAY.length} actions asks ${bare.asks} times, ${owned.asks} with four rules of one's own; ${bare.grave} of them grave\n`,
  );
  expect(DAY.length).toBeGreaterThanOrEqual(60);
  expect(bare.denied + owned.denied).toBe(0);
  // The manifest, the network and the push are asked for, whatever was allowed before.
  expect([bare.grave, owned.grave]).toEqual([3, 3]);
  expect(bare.asks).toBeLessThanOrEqual(DAY.length / 4);
  expect(owned.asks).toBe(4);
});
