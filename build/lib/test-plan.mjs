import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from './paths.mjs';
import { countsOfJourneys, countsOfRunner } from './test-results.mjs';

/**
 * @typedef {object} TestStep
 * @property {string} name
 * @property {'check' | 'suite'} kind checks are cheap and run two at a time; suites use all cores and run alone
 * @property {boolean} [needsBuild]
 * @property {readonly (readonly string[])[]} commands arguments for Node, run one after another in `cwd`
 * @property {string} [cwd]
 * @property {Record<string, string>} [env]
 * @property {string} [report] where the runner leaves its JSON
 * @property {(report: unknown) => import('./test-results.mjs').Counts} [read]
 * @property {string} mend
 * @property {number} timeoutMs
 */

const MINUTE = 60_000;
// A folder whose tests need other types than it has keeps them in a second project.
const TYPE_PROJECTS = ['contract', 'main', 'preload', 'renderer', 'e2e', 'build'].flatMap((folder) => {
  const tests = `${folder}/tsconfig.test.json`;
  return [`${folder}/tsconfig.json`, ...(existsSync(fromRoot(tests)) ? [tests] : [])];
});

/** @param {...string} parts below node_modules */
const tool = (...parts) => fromRoot('node_modules', ...parts);

/** @returns {TestStep[]} */
function checks() {
  return [
    {
      name: 'types',
      kind: 'check',
      commands: [
        ...TYPE_PROJECTS.map((project) => [
          tool('typescript', 'bin', 'tsc'),
          '--noEmit',
          '--pretty',
          'false',
          '-p',
          project,
        ]),
        [
          fromRoot('mobile', 'node_modules', 'typescript', 'bin', 'tsc'),
          '--noEmit',
          '--pretty',
          'false',
          '-p',
          'mobile/tsconfig.json',
        ],
      ],
      mend: 'mend the types named above',
      timeoutMs: 5 * MINUTE,
    },
    {
      name: 'lint',
      kind: 'check',
      commands: [[tool('eslint', 'bin', 'eslint.js'), '--max-warnings=0', '.']],
      mend: 'npm run lint -- --fix, and mend the rest by hand',
      timeoutMs: 5 * MINUTE,
    },
    {
      name: 'format',
      kind: 'check',
      commands: [
        [
          tool('prettier', 'bin', 'prettier.cjs'),
          '--check',
          '--log-level=warn',
          '--cache',
          '--cache-strategy=content',
          '.',
        ],
      ],
      mend: 'npm run format',
      timeoutMs: 5 * MINUTE,
    },
    {
      name: 'dead-code',
      kind: 'check',
      commands: [[tool('knip', 'bin', 'knip.js'), '--no-progress']],
      mend: 'remove what nothing uses, or name a new program in knip.json',
      timeoutMs: 5 * MINUTE,
    },
    {
      name: 'docs',
      kind: 'check',
      commands: [['build/reference-docs.mjs', '--check']],
      mend: 'npm run docs',
      timeoutMs: 2 * MINUTE,
    },
  ];
}

/**
 * @param {string} reports folder for JSON reports
 * @param {boolean} long the slow campaigns instead of the ordinary tests
 * @returns {TestStep[]}
 */
function suites(reports, long) {
  const vitest = (/** @type {string} */ name) => [
    tool('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, name)}`,
  ];
  if (long) {
    return [
      {
        name: 'long',
        kind: 'suite',
        commands: [[...vitest('long.json'), '.long.test.']],
        env: { SIGNALBOX_LONG: '1' },
        report: join(reports, 'long.json'),
        read: countsOfRunner,
        mend: 'SIGNALBOX_LONG=1 npx vitest run FILE runs one of them',
        timeoutMs: 120 * MINUTE,
      },
    ];
  }
  return [
    {
      name: 'unit',
      kind: 'suite',
      commands: [vitest('unit.json')],
      report: join(reports, 'unit.json'),
      read: countsOfRunner,
      mend: 'npx vitest run FILE runs one of them',
      timeoutMs: 20 * MINUTE,
    },
    {
      name: 'mobile',
      kind: 'suite',
      cwd: fromRoot('mobile'),
      commands: [
        [
          fromRoot('mobile', 'node_modules', 'jest', 'bin', 'jest.js'),
          '--ci',
          '--maxWorkers=2',
          '--json',
          `--outputFile=${join(reports, 'mobile.json')}`,
        ],
      ],
      report: join(reports, 'mobile.json'),
      read: countsOfRunner,
      mend: 'npx jest FILE, in mobile/, runs one of them',
      timeoutMs: 15 * MINUTE,
    },
    {
      name: 'size',
      kind: 'suite',
      needsBuild: true,
      commands: [['build/size-budget.mjs']],
      mend: 'make it smaller, or raise the limit in build/size-budget.json and say why in the commit',
      timeoutMs: MINUTE,
    },
    {
      name: 'e2e',
      kind: 'suite',
      needsBuild: true,
      commands: [['e2e/run.mjs', '--results', join(reports, 'e2e.json')]],
      report: join(reports, 'e2e.json'),
      read: countsOfJourneys,
      mend: 'node e2e/run.mjs runs them alone; what they saw is in e2e/output/',
      timeoutMs: 40 * MINUTE,
    },
  ];
}

/**
 * Every step in order. A program that is not there is a failing step, never one that is left out.
 * @param {{ reports: string, long?: boolean }} options
 * @returns {TestStep[]}
 */
export function testPlan({ reports, long = false }) {
  return long ? suites(reports, true) : [...checks(), ...suites(reports, false)];
}

/**
 * Picks steps by name; `check` stands for all the cheap ones.
 * @param {readonly TestStep[]} plan
 * @param {readonly string[]} names
 * @returns {{ chosen: TestStep[], unknown: string[] }}
 */
export function chooseSteps(plan, names) {
  const known = new Set([...plan.map((step) => step.name), 'check']);
  return {
    chosen: plan.filter(
      (step) => names.includes(step.name) || (names.includes('check') && step.kind === 'check'),
    ),
    unknown: names.filter((name) => !known.has(name)),
  };
}

/**
 * The programs of a step that are missing here.
 * @param {TestStep} step
 */
export function missingPrograms(step) {
  return step.commands
    .map(([program = '']) => program)
    .filter((program) => !existsSync(program) && !existsSync(fromRoot(program)));
}
