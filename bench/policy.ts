// How long one policy decision takes when the owner has written 500 rules, beside the limit of 1 ms.
import type { Origin, Rule } from '../contract/policy.ts';
import type { ActionFacts } from '../main/kernel/approver.ts';
import { defaultRules } from '../main/services/approvals/default-rules.ts';
import { evaluate } from '../main/services/approvals/evaluate.ts';
import { quantile, report, spread } from './lib/measure.mjs';

const RULES = 500;
const RUNS = 7;
const DECISIONS = 20_000;
const LIMIT_US = 1000;
const MOMENT = { now: '2026-01-01T00:00:00.000Z', clockJumped: false };

/** Rules as people write them: a third by path, a third by command, a third by tool and origin. */
function rule(index: number): Rule {
  const effect = (['ask', 'allow', 'deny'] as const)[index % 3] ?? 'ask';
  const when: Rule['when'][] = [
    { kind: ['fs.write'], pathIn: [`packages/p${index}/**`, `docs/p${index}/*.md`] },
    { kind: ['exec'], argv: ['npm', ['run', 'exec'], `task-${index}`] },
    { kind: ['tool'], origin: ['mcp'], agent: [`agent-${index}`] },
  ];
  return { id: `own.${index}`, effect, when: when[Math.floor(index / 3) % 3] ?? {}, risk: 1 };
}

const base: ActionFacts = {
  kind: 'fs.read',
  workspaceId: null,
  requester: ['bench'],
  agent: 'demo',
  paths: [],
  exec: null,
  writes: [],
  tool: null,
  net: [],
};
const write = (path: string): ActionFacts => ({
  ...base,
  kind: 'fs.write',
  paths: [path],
  writes: [{ path, baseSha256: null, newSha256: 'a'.repeat(64), bytes: 1 }],
});
const exec = (...argv: string[]): ActionFacts => ({
  ...base,
  kind: 'exec',
  exec: {
    argv,
    cwd: '.',
    sandbox: 'ws',
    binarySha256: null,
    envNames: [],
    envSha256: null,
    cwdIdentity: null,
  },
});
const requests: readonly { facts: ActionFacts; origin: Origin }[] = [
  { facts: { ...base, paths: ['src/deep/down/in/the/tree/file.ts'] }, origin: 'acp' },
  { facts: write('packages/p250/src/index.ts'), origin: 'acp' },
  { facts: write('docs/a/b/c/d/e/f/g.md'), origin: 'phone' },
  { facts: exec('npm', 'run', 'task-499', '--', 'x'), origin: 'acp' },
  { facts: exec('git', 'push', 'origin', 'main'), origin: 'desktop' },
];
const rules = [
  ...defaultRules,
  ...Array.from({ length: RULES - defaultRules.length }, (_, index) => rule(index)),
];

function oneRun(): number[] {
  const times: number[] = [];
  for (let index = 0; index < DECISIONS; index += 1) {
    const request = requests[index % requests.length];
    if (!request) throw new Error('no request');
    const before = process.hrtime.bigint();
    evaluate(rules, [], request, MOMENT);
    times.push(Number(process.hrtime.bigint() - before) / 1000);
  }
  return times;
}

const cold = oneRun();
const runs = Array.from({ length: RUNS }, oneRun);
const peer = { name: 'limit', limit: LIMIT_US };
report(
  'policy',
  [
    {
      what: 'decision p50',
      unit: 'µs',
      ours: spread(runs.map((run) => quantile(run, 0.5))),
      peer,
      goal: 1,
      better: 'less',
    },
    {
      what: 'decision p99',
      unit: 'µs',
      ours: spread(runs.map((run) => quantile(run, 0.99))),
      peer,
      goal: 1,
      better: 'less',
    },
    { what: 'first decision', unit: 'µs', ours: spread(cold.slice(0, 1)), peer, better: 'less' },
  ],
  { rules: rules.length, decisionsPerRun: DECISIONS },
);
