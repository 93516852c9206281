import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath as ripgrep } from '@vscode/ripgrep';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandGuard, type CommandDecision } from './command-guard.ts';
import { openRoot, type Root } from './path-guard.ts';
import { createSandbox } from './sandbox.ts';
import type { SandboxProfile } from './bubblewrap.ts';
import { hostileCommands } from '../testing/hostile-commands.ts';
import { makeTrappedWorkspace, secret } from '../testing/trapped-workspace.ts';

let base: string;
let ws: string;
let root: Root;
const sandbox = createSandbox();
const works = (await sandbox.probe()).ok;

beforeAll(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'command-'));
  ws = makeTrappedWorkspace(base);
  root = openRoot(ws);
});
afterAll(() => {
  root.close();
  fs.rmSync(base, { recursive: true, force: true });
});

const guard = () => createCommandGuard({ root, sandbox, ripgrep });

async function perform(decision: CommandDecision, profile?: SandboxProfile): Promise<string> {
  if (decision.verdict === 'refused') return '';
  if (decision.verdict === 'builtin') {
    const result = await decision.run();
    return result.stdout + result.stderr;
  }
  const { argv, env, sandbox: wanted } = decision;
  const result = await sandbox.run({
    profile: profile ?? wanted,
    root: ws,
    argv,
    env,
    timeoutMs: 10_000,
    maxOutputBytes: 1e6,
  });
  return result.stdout + result.stderr;
}

const state = (): string =>
  execFileSync('find', [base, '-not', '-name', 'index', '-printf', '%p %y %s\n']).toString() +
  execFileSync('git', ['-C', ws, 'for-each-ref']).toString();

const blobId = (): string => execFileSync('git', ['-C', ws, 'rev-parse', 'HEAD:.env']).toString().trim();

describe.runIf(process.platform === 'linux' && works)('the hostile corpus', () => {
  test(
    `${hostileCommands.length} commands, as text and as words, are refused or have no effect`,
    { timeout: 120_000 },
    async () => {
      const before = state();
      let ran = 0;
      const commands: (string | string[])[] = [
        ...hostileCommands,
        ...hostileCommands.map((text) => text.replace(/['"]/g, '').split(' ')),
      ];
      const id = blobId();
      for (const form of [
        `git show ${id}`,
        `git diff ${id}`,
        `git diff ${id} ${id}`,
        `git show ${id.slice(0, 8)}`,
        `git log -p ${id}`,
      ]) {
        commands.push(form);
      }
      for (const command of commands) {
        const decision = await guard().decide(command, 'safe');
        if (decision.verdict === 'refused') {
          expect(decision.reason.length).toBeLessThan(400);
          expect(decision.reason).not.toContain(secret);
          continue;
        }
        ran += 1;
        const output = await perform(decision);
        expect(output, JSON.stringify(command)).not.toContain(secret);
        expect(output, JSON.stringify(command)).not.toContain('root:');
      }
      expect(state()).toBe(before);
      process.stdout.write(
        `hostile commands: ${commands.length}, refused ${commands.length - ran}, run without effect ${ran}\n`,
      );
    },
  );

  test('argument lists of absurd size are refused at once', async () => {
    expect((await guard().decide(['ls', ...Array<string>(100_000).fill('a')], 'safe')).verdict).toBe(
      'refused',
    );
    expect((await guard().decide(['cat', 'a'.repeat(1e6)], 'safe')).verdict).toBe('refused');
    expect((await guard().decide([], 'safe')).verdict).toBe('refused');
    expect((await guard().decide(['__proto__'], 'safe')).verdict).toBe('refused');
    expect((await guard().decide(['git', 'constructor'], 'safe')).verdict).toBe('refused');
    expect((await guard().decide(['ls', '--constructor'], 'safe')).verdict).toBe('refused');
  });

  test(
    'even without the sandbox no program of the repository runs, and plain git would run several',
    { timeout: 60_000 },
    async () => {
      const marks = (): string[] => fs.readdirSync(join(base, 'marks'));
      const commands = [
        ...[
          'git status',
          'git diff',
          'git diff HEAD',
          'git diff HEAD~1 HEAD',
          'git log -p -n 3',
          'git show HEAD',
          'git show HEAD:a.txt',
        ],
        ...[
          'git blame a.txt',
          'git branch -v',
          'git branch --contains HEAD',
          'git ls-files -m',
          'git rev-parse HEAD',
          'git status -s -b',
        ],
      ];
      for (const command of commands) {
        const decision = await guard().decide(command, 'safe');
        expect(decision.verdict, command).toBe('exec');
        const output = await perform(decision, 'none');
        expect(marks(), `${command}: ${output.slice(0, 200)}`).toEqual([]);
        expect(output, command).not.toMatch(/fatal|error:/);
      }
      // The control: the traps are armed.
      for (const args of [['status'], ['diff'], ['log', '-p', '-n', '1'], ['blame', 'a.txt']]) {
        execFileSync('git', ['-C', ws, ...args], { stdio: 'pipe' });
      }
      const sprung = marks().sort();
      process.stdout.write(`traps sprung by plain git: ${sprung.join(' ')}\n`);
      expect(sprung.length).toBeGreaterThanOrEqual(4);
      for (const mark of sprung) fs.rmSync(join(base, 'marks', mark));
    },
  );

  test.each([
    ['git status -s', ' M a.txt'],
    ['git diff --stat', 'a.txt'],
    ['git diff src/a.ts', '+needle four'],
    ['git diff HEAD~1..HEAD', '+three'],
    ['git diff --cached --name-only', ''],
    ['git log --oneline -2', 'second'],
    ["git log --format='%h %s' -n 1", 'second'],
    ['git log --grep=first --author T', 'first'],
    ['git show HEAD:a.txt', 'three'],
    ['git show HEAD~1 --stat', 'src/a.ts'],
    ['git ls-files src', 'src/a.ts'],
    ['git rev-parse --abbrev-ref HEAD', 'main'],
    ['git blame -L 1,2 a.txt', 'one'],
    ['git branch --list', 'victim'],
    ['git branch --show-current', 'main'],
    ['rg needle', './src/a.ts'],
    ['rg -n -e needle src', 'src/a.ts:3:needle'],
    ['rg --files -g *.ts'.replace('*', "'*'"), './src/a.ts'],
    ['ls', 'src/'],
    ['ls -la src', 'a.ts'],
    ['cat -n src/a.ts', '     1\tone'],
    ['head -2 a.txt', 'one\ntwo\n'],
    ['tail -n 1 a.txt', 'needle four'],
    ['wc -l a.txt', '5 a.txt'],
    ['cat .env.example', 'TOKEN='],
    ['cat -- -rf', 'needle'],
    ['pwd', 'ws'],
  ])('ordinary use works: %s', async (command, expected) => {
    const decision = await guard().decide(command, 'safe');
    expect(decision, JSON.stringify(decision)).not.toHaveProperty('reason');
    expect(await perform(decision)).toContain(expected);
  });
});

test('refusals explain themselves', async () => {
  const reason = async (command: string): Promise<unknown> => {
    const decision = await guard().decide(command, 'safe');
    return decision.verdict === 'refused' ? decision.reason : decision;
  };
  expect(await reason('cat .env')).toContain('".env" is on the blocked list');
  expect(await reason('ls | wc')).toContain('shell syntax (pipeline)');
  expect(await reason('git push')).toContain('"push" is not in the read-only table');
  expect(await reason('git log --output=x')).toContain('the option --output is not in the table');
  expect(await reason('git branch x')).toContain('would create a branch');
  expect(await guard().decide('ls', 'off')).toMatchObject({ verdict: 'refused' });
});

test('full mode wants an approval each time, stays in the sandbox and never takes a program from the workspace by name', async () => {
  expect(await guard().decide('touch x && ls', 'full')).toMatchObject({
    ...{ verdict: 'exec', sandbox: 'ws', approval: 'each' },
    argv: ['/usr/bin/bash', '--noprofile', '--norc', '-c', 'touch x && ls'],
  });
  expect(await guard().decide(['ls', '-l'], 'full')).toMatchObject({ argv: ['/usr/bin/ls', '-l'] });
  expect(await guard().decide(['./evil.sh'], 'full')).toMatchObject({ argv: [`${ws}/evil.sh`] });
  expect(await guard().decide(['../x'], 'full')).toMatchObject({ verdict: 'refused' });
  expect(await guard().decide(['evil.sh'], 'full')).toMatchObject({ verdict: 'refused' });
  expect(await guard().decide('ls\0', 'full')).toMatchObject({ verdict: 'refused' });
});

test('git is refused where .git is not a directory of the workspace', async () => {
  const other = join(base, 'other');
  fs.mkdirSync(other);
  const inner = openRoot(other);
  const decide = () => createCommandGuard({ root: inner, sandbox }).decide('git status', 'safe');
  expect(await decide()).toMatchObject({ verdict: 'refused' });
  fs.writeFileSync(join(other, '.git'), `gitdir: ${ws}/.git\n`);
  expect(await decide()).toMatchObject({ verdict: 'refused' });
  fs.rmSync(join(other, '.git'));
  fs.symlinkSync(join(ws, '.git'), join(other, '.git'));
  expect(await decide()).toMatchObject({ verdict: 'refused' });
  inner.close();
  fs.rmSync(other, { recursive: true });
});
