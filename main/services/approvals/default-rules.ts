import type { Need, Rule, RuleExample } from '../../../contract/policy.ts';

const anywhere = (...names: string[]): string[] => names.flatMap((name) => [name, `**/${name}`]);

/** Files that decide what runs later: changing one is as good as running something. */
export const CONTROLLING_FILES: readonly string[] = [
  ...anywhere('package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml'),
  ...anywhere(
    'Cargo.toml',
    'Cargo.lock',
    'pyproject.toml',
    'requirements.txt',
    'go.mod',
    'go.sum',
    'Gemfile.lock',
  ),
  ...anywhere(
    'Makefile',
    'conftest.py',
    '.envrc',
    '.bashrc',
    '.zshrc',
    '.profile',
    '.gitattributes',
    '.gitmodules',
  ),
  ...anywhere('.vscode/tasks.json', '.vscode/settings.json', 'signalbox.yaml', 'agent-procs.yaml'),
  '.github/workflows/**',
  '.gitlab-ci.yml',
  '.circleci/**',
  '.husky/**',
  '**/.signalbox/**',
  '**/hooks/**',
];

const PUBLISHING = [
  ['git', 'push'],
  ['npm', ['publish', 'unpublish', 'deprecate']],
  ['docker', 'push'],
  ['kubectl', ['apply', 'delete']],
  ['terraform', ['apply', 'destroy']],
] as const;

/** Of whoever has a way to prove that a person is there, it is asked. */
const PROVEN: Need = { approvers: 1, stepUp: 'if-enrolled', distinctFromRequester: false };

type Example = Omit<RuleExample, 'origin'>;

function tests(match: readonly Example[], notMatch: readonly Example[]): NonNullable<Rule['tests']> {
  const asked = (examples: readonly Example[]): RuleExample[] =>
    examples.map((example) => ({ ...example, origin: 'acp' }));
  return { match: asked(match), notMatch: asked(notMatch) };
}

/**
 * What holds when the owner has written no rule: reading is free, changing asks, and nothing is silently allowed. What
 * is of low risk gives way to an allow rule of the owner; what can run, publish or reach out asks each time.
 */
export const defaultRules: readonly Rule[] = [
  {
    id: 'default.read',
    effect: 'allow',
    note: 'Reading in a workspace',
    when: { kind: ['fs.read', 'git.read'] },
    tests: tests(
      [{ kind: 'fs.read', paths: ['src/a.ts'] }, { kind: 'git.read' }],
      [{ kind: 'fs.write', paths: ['src/a.ts'] }],
    ),
  },
  {
    id: 'default.write',
    effect: 'ask',
    liftable: true,
    risk: 1,
    note: 'Changing a file',
    when: { kind: ['fs.write'] },
    tests: tests([{ kind: 'fs.write', paths: ['src/a.ts'] }], [{ kind: 'fs.read', paths: ['src/a.ts'] }]),
  },
  {
    id: 'default.write-controlling',
    effect: 'ask',
    risk: 3,
    note: 'Changing a file that decides what runs later',
    when: { kind: ['fs.write', 'fs.delete'], pathAny: [...CONTROLLING_FILES] },
    tests: tests(
      [
        { kind: 'fs.write', paths: ['src/a.ts', 'lib/package.json'] },
        { kind: 'fs.delete', paths: ['.github/workflows/ci.yml'] },
      ],
      [
        { kind: 'fs.write', paths: ['src/package.json.ts'] },
        { kind: 'fs.read', paths: ['package.json'] },
      ],
    ),
  },
  {
    id: 'default.delete',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'Deleting',
    when: { kind: ['fs.delete'] },
    tests: tests([{ kind: 'fs.delete', paths: ['a.txt'] }], [{ kind: 'fs.write', paths: ['a.txt'] }]),
  },
  {
    id: 'default.exec-read-only',
    effect: 'allow',
    note: 'A read-only command in the read-only sandbox',
    when: { kind: ['exec'], sandbox: ['ro'] },
    tests: tests(
      [{ kind: 'exec', argv: ['ls'], sandbox: 'ro' }],
      [
        { kind: 'exec', argv: ['ls'], sandbox: 'ws' },
        { kind: 'exec', argv: ['ls'], sandbox: 'none' },
      ],
    ),
  },
  {
    id: 'default.exec-workspace',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'A command that may change the workspace',
    when: { kind: ['exec'], sandbox: ['ws'] },
    tests: tests(
      [{ kind: 'exec', argv: ['npm', 'test'], sandbox: 'ws' }],
      [{ kind: 'exec', argv: ['npm', 'test'], sandbox: 'ro' }],
    ),
  },
  {
    id: 'default.exec-network',
    effect: 'ask',
    risk: 3,
    note: 'A command with network access',
    when: { kind: ['exec'], sandbox: ['ws+net'] },
    tests: tests(
      [{ kind: 'exec', argv: ['npm', 'ci'], sandbox: 'ws+net' }],
      [{ kind: 'exec', argv: ['npm', 'ci'], sandbox: 'ws' }],
    ),
  },
  {
    id: 'default.exec-unconfined',
    effect: 'ask',
    risk: 4,
    note: 'A command that the system does not confine',
    need: PROVEN,
    when: { kind: ['exec'], sandbox: ['none'] },
    tests: tests(
      [{ kind: 'exec', argv: ['make'], sandbox: 'none' }],
      [{ kind: 'exec', argv: ['make'], sandbox: 'ws' }],
    ),
  },
  ...PUBLISHING.map(([program, verb]): Rule => ({
    id: `default.publish-${program}`,
    effect: 'ask',
    risk: 4,
    note: 'Publishing or deploying',
    need: PROVEN,
    when: { kind: ['exec'], argv: [program, typeof verb === 'string' ? verb : [...verb]] },
    tests: tests(
      [verb].flat().map((word) => ({ kind: 'exec', argv: [program, word, 'x'] })),
      [{ kind: 'exec', argv: [program, 'help'] }],
    ),
  })),
  {
    id: 'default.network',
    effect: 'ask',
    risk: 3,
    note: 'Reaching the network',
    when: { kind: ['net'] },
    tests: tests([{ kind: 'net', net: ['example.com'] }], [{ kind: 'fs.read' }]),
  },
  {
    id: 'default.git-write',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'Changing the repository',
    when: { kind: ['git.write'] },
    tests: tests([{ kind: 'git.write' }], [{ kind: 'git.read' }]),
  },
  {
    id: 'default.tool',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'A tool of the agent',
    when: { kind: ['tool'] },
    tests: tests([{ kind: 'tool' }], [{ kind: 'fs.read' }]),
  },
  {
    id: 'default.start',
    effect: 'ask',
    risk: 3,
    note: 'Starting a process',
    when: { kind: ['process.start'] },
    tests: tests([{ kind: 'process.start' }], [{ kind: 'process.signal' }]),
  },
  {
    id: 'default.signal',
    effect: 'ask',
    liftable: true,
    risk: 1,
    note: 'Stopping a process',
    when: { kind: ['process.signal'] },
    tests: tests([{ kind: 'process.signal' }], [{ kind: 'process.start' }]),
  },
];
