import type { Rule } from '../../../contract/policy.ts';

const anywhere = (...names: string[]): string[] => names.flatMap((name) => [name, `**/${name}`]);

/** Files that decide what runs later: changing one is as good as running something. */
const CONTROLLING_FILES = [
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
  '**/hooks/**',
];

const PUBLISHING = [
  ['git', 'push'],
  ['npm', ['publish', 'unpublish', 'deprecate']],
  ['docker', 'push'],
  ['kubectl', ['apply', 'delete']],
  ['terraform', ['apply', 'destroy']],
] as const;

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
  },
  {
    id: 'default.write',
    effect: 'ask',
    liftable: true,
    risk: 1,
    note: 'Changing a file',
    when: { kind: ['fs.write'] },
  },
  {
    id: 'default.write-controlling',
    effect: 'ask',
    risk: 3,
    note: 'Changing a file that decides what runs later',
    when: { kind: ['fs.write', 'fs.delete'], pathAny: CONTROLLING_FILES },
  },
  {
    id: 'default.delete',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'Deleting',
    when: { kind: ['fs.delete'] },
  },
  {
    id: 'default.exec-read-only',
    effect: 'allow',
    note: 'A read-only command in the read-only sandbox',
    when: { kind: ['exec'], sandbox: ['ro'] },
  },
  {
    id: 'default.exec-workspace',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'A command that may change the workspace',
    when: { kind: ['exec'], sandbox: ['ws'] },
  },
  {
    id: 'default.exec-network',
    effect: 'ask',
    risk: 3,
    note: 'A command with network access',
    when: { kind: ['exec'], sandbox: ['ws+net'] },
  },
  {
    id: 'default.exec-unconfined',
    effect: 'ask',
    risk: 4,
    note: 'A command that the system does not confine',
    when: { kind: ['exec'], sandbox: ['none'] },
  },
  ...PUBLISHING.map(([program, verb]): Rule => ({
    id: `default.publish-${program}`,
    effect: 'ask',
    risk: 4,
    note: 'Publishing or deploying',
    when: { kind: ['exec'], argv: [program, typeof verb === 'string' ? verb : [...verb]] },
  })),
  { id: 'default.network', effect: 'ask', risk: 3, note: 'Reaching the network', when: { kind: ['net'] } },
  {
    id: 'default.git-write',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'Changing the repository',
    when: { kind: ['git.write'] },
  },
  {
    id: 'default.tool',
    effect: 'ask',
    liftable: true,
    risk: 2,
    note: 'A tool of the agent',
    when: { kind: ['tool'] },
  },
  {
    id: 'default.start',
    effect: 'ask',
    risk: 3,
    note: 'Starting a process',
    when: { kind: ['process.start'] },
  },
  {
    id: 'default.signal',
    effect: 'ask',
    liftable: true,
    risk: 1,
    note: 'Stopping a process',
    when: { kind: ['process.signal'] },
  },
];
