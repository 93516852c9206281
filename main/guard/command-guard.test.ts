import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath as ripgrep } from '@vscode/ripgrep';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandGuard } from './command-guard.ts';
import type { CommandDecision } from './command-guard.ts';
import { openRoot } from './path-guard.ts';
import type { Root } from './path-guard.ts';
import { createSandbox } from './sandbox.ts';
import type { SandboxProfile } from './bubblewrap.ts';

const secret = 'SECRET-VALUE-IN-ENV';
let base: string;
let ws: string;
let root: Root;
const sandbox = createSandbox();
const works = (await sandbox.probe()).ok;

/** A repository in which everything that git can be configured to run is set to leave a mark. */
beforeAll(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'command-'));
  ws = join(base, 'ws');
  fs.mkdirSync(join(ws, 'src'), { recursive: true });
  fs.mkdirSync(join(ws, 'victim'));
  fs.mkdirSync(join(base, 'marks'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      cwd: ws,
      stdio: 'pipe',
    }).toString();
  git('init', '-q', '-b', 'main');
  for (const name of ['a.txt', 'src/a.ts', '-exec', '-rf'])
    fs.writeFileSync(join(ws, name), 'one\ntwo\nneedle\n');
  fs.writeFileSync(join(ws, '.env'), `TOKEN=${secret}\n`);
  fs.writeFileSync(join(ws, '.env.example'), 'TOKEN=\n');
  fs.writeFileSync(join(ws, 'victim/file'), 'x');
  git('add', '-A', '-f');
  git('commit', '-qm', 'first');
  fs.appendFileSync(join(ws, 'a.txt'), 'three\n');
  fs.appendFileSync(join(ws, '.env'), `MORE=${secret}\n`);
  git('commit', '-qam', 'second');
  git('branch', 'victim');
  git('tag', 'blob-tag', git('rev-parse', 'HEAD:.env').trim());
  for (const name of ['a.txt', 'src/a.ts', '.env']) fs.appendFileSync(join(ws, name), 'needle four\n');
  plantPrograms(git);
  for (const name of ['evil.sh', 'git', 'ls']) {
    fs.writeFileSync(join(ws, name), `#!/bin/sh\n: > ${base}/marks/program-$$\n: > PWN\ncat\n`, {
      mode: 0o755,
    });
  }
  fs.writeFileSync(
    join(ws, 'package.json'),
    JSON.stringify({ scripts: { test: 'touch PWN', 'build:evil': 'touch PWN' } }),
  );
  root = openRoot(ws);
});

function plantPrograms(git: (...args: string[]) => string): void {
  const evil = (name: string): string => `sh -c ': > ${base}/marks/${name}; cat'`;
  const settings: Record<string, string> = {
    ...{ 'core.fsmonitor': evil('fsmonitor'), 'core.pager': evil('pager'), 'core.editor': evil('editor') },
    ...{
      'diff.x.command': evil('ext-diff'),
      'diff.x.textconv': evil('textconv'),
      'diff.external': evil('external'),
    },
    ...{ 'filter.f.clean': evil('clean'), 'filter.f.smudge': evil('smudge'), 'filter.f.required': 'true' },
    ...{
      'filter.a=b.clean': evil('clean2'),
      'filter.p.process': evil('process'),
      'gpg.program': evil('gpg'),
    },
    ...{ 'log.showSignature': 'true', 'core.sshCommand': evil('ssh'), 'gpg.ssh.program': evil('gpgssh') },
    ...{
      'format.pretty': 'format:%G? %H',
      'color.ui': 'always',
      'core.alternateRefsCommand': evil('alternate'),
    },
    ...{
      'credential.helper': evil('credential'),
      'alias.log': `!${evil('alias')}`,
      'pager.log': evil('pagerlog'),
    },
    ...{
      'pager.branch': evil('pagerbranch'),
      'submodule.recurse': 'true',
      'interactive.diffFilter': evil('interactive'),
    },
  };
  for (const [key, value] of Object.entries(settings)) git('config', key, value);
  fs.appendFileSync(join(ws, '.git/config'), `[include]\n\tpath = more\n`);
  fs.writeFileSync(join(ws, '.git/more'), `[filter "inc"]\n\tclean = ${evil('included')}\n`);
  const attributes = 'a.txt diff=x filter=f\nsrc/a.ts diff=x filter=inc\n-rf filter=p\n-exec filter=a=b\n';
  fs.writeFileSync(join(ws, '.git/info/attributes'), attributes);
  fs.mkdirSync(join(ws, '.git/hooks'), { recursive: true });
  for (const hook of [
    'post-index-change',
    'pre-commit',
    'post-checkout',
    'reference-transaction',
    'fsmonitor-watchman',
  ]) {
    fs.writeFileSync(join(ws, '.git/hooks', hook), `#!/bin/sh\n: > ${base}/marks/hook-${hook}\n`, {
      mode: 0o755,
    });
  }
  // Touched, so that git must run the clean filters to compare.
  fs.utimesSync(join(ws, '-rf'), new Date(), new Date());
}

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

// Rows of the corpus, several variants each: every one must be refused or without effect.
const corpus: readonly string[] = [
  ...[
    "find . -maxdepth 0 -e''xec touch PWN {} +",
    "find . -maxdepth 0 '-exec' touch PWN '{}' +",
    'find . -delete',
  ],
  ...[
    'find . -maxdepth 0 -\\exec touch PWN {} +',
    'find . -fp\\rint PWN',
    'find . -fprint PWN',
    'find victim -d\\elete',
  ],
  ...[
    'git status',
    'git status -s',
    'git diff --ext-diff',
    'git diff',
    'git diff --textconv',
    'git diff -- a.txt',
    'git log -p',
  ],
  ...[
    "git log --out''put=PWN",
    'git log --output=PWN',
    'git log --output PWN',
    'git show --output=PWN',
    'git diff -oPWN',
  ],
  ...[
    'git branch PWNBR',
    'git branch -D victim',
    'git branch -d victim',
    'git branch -m victim x',
    'git branch --edit-description',
  ],
  ...[
    'git branch -f victim HEAD~1',
    'git branch --list PWNBR',
    'git branch -u main',
    'git branch -- PWNBR',
    'git branch -v PWNBR',
  ],
  ...[
    "git diff a.txt '/etc/hostname'",
    'git diff --no-index a.txt /etc/hostname',
    'git diff -- /etc/hostname',
    'git diff a.txt ../x',
  ],
  ...[
    "git show HEAD:'.env'",
    'git show HEAD:.env',
    'git show HEAD:./.env',
    'git show HEAD:.ENV',
    'git show HEAD~1:.env',
  ],
  ...[
    'git show main:.env',
    "git show 'HEAD^{tree}:.env'",
    'git show :.env',
    'git show :0:.env',
    "git show ':/first'",
    'git show HEAD:',
  ],
  ...[
    'git show HEAD',
    'git show HEAD -- .env',
    'git log -p -- .env',
    'git log -p HEAD -- :/.env',
    'git diff HEAD~1 HEAD',
  ],
  ...[
    'git diff HEAD~1 -- .env',
    'git log -p --all -S SECRET',
    'git show blob-tag',
    'git diff blob-tag a.txt',
    'git blame .env',
  ],
  ...[
    'git blame HEAD -- .env',
    "git log -p -- '*env'",
    "git log -p -- ':(glob)**'",
    'git diff HEAD~1...HEAD',
    'git show victim',
  ],
  ...[
    "ls '/etc'",
    'ls /etc',
    'ls ..',
    'ls ../..',
    'cat /etc/passwd',
    'cat ../marks',
    'cat .env',
    "cat .e''nv",
    'head .env',
    'wc .git/config',
  ],
  ...[
    'npm test',
    'npm run build:evil',
    'npm test --prefix evil',
    'npm run build --script-shell ./evil.sh',
    'yarn test',
    'pnpm test',
  ],
  ...[
    'npm test --node-options=--require=./evil.cjs',
    'bun test',
    'pytest',
    'pytest -p evilplug',
    'uv run pytest',
    'python -m pytest',
  ],
  ...[
    'git diff --outpu=PWN',
    'git log --ou=PWN',
    'ls .en[v]',
    'git show HEAD:.en[v]',
    "git show 'HEAD:.en[v]'",
    "cat '.en?'",
  ],
  ...[
    './git status',
    './ls',
    'ws/git',
    'node_modules/.bin/tsc',
    './evil.sh',
    '/bin/sh',
    '/usr/bin/git status',
    'tsc',
    'npx tsc',
  ],
  ...[
    'ls -- -rf',
    'cat -- -exec',
    'ls $(touch PWN)',
    'ls `touch PWN`',
    'cat <(touch PWN)',
    'cat <<< $(touch PWN)',
  ],
  ...[
    'ls; touch PWN',
    'ls && touch PWN',
    'ls || touch PWN',
    'ls | touch PWN',
    'ls & touch PWN',
    'ls\ntouch PWN',
    'ls\r\ntouch PWN',
  ],
  ...[
    'ls\0touch PWN',
    'ls > PWN',
    'ls 2>&1 >PWN',
    'ls >| PWN',
    'cat << E > PWN\nE',
    "find . $'-exec' touch PWN",
    '{touch,PWN}',
  ],
  ...[
    'ls${IFS}x',
    'ls a[$(touch PWN)]',
    "GIT_EXTERNAL_DIFF='./evil.sh' git diff",
    'GIT_SSH_COMMAND=x git log',
    'LD_PRELOAD=x ls',
  ],
  ...[
    'PAGER=x git log',
    'NODE_OPTIONS=x node',
    'BASH_ENV=evil.sh ls',
    'env touch PWN',
    'nice touch PWN',
    'timeout 5 touch PWN',
  ],
  ...[
    'nohup touch PWN',
    'time touch PWN',
    'command touch PWN',
    'exec touch PWN',
    'setsid touch PWN',
    'stdbuf -o0 touch PWN',
  ],
  ...[
    "git -c alias.x='!touch PWN' x",
    'git -c core.fsmonitor=./evil.sh status',
    'git -c core.pager=./evil.sh log',
    'git --exec-path=. status',
  ],
  ...[
    'git -C / status',
    'git --git-dir=/x status',
    'git --work-tree=/ status',
    'git -p log',
    'git --paginate log',
    'git --config-env=a=b log',
  ],
  ...[
    'git grep -O./evil.sh needle',
    'git bisect run ./evil.sh',
    'git rebase -x "touch PWN" HEAD~1',
    'git submodule foreach "touch PWN"',
  ],
  ...[
    'git archive --output=PWN HEAD',
    'git upload-pack .',
    'git fetch',
    'git push',
    'git clone . PWN',
    'git config x.y z',
    'git stash',
  ],
  ...[
    'git checkout .',
    'git reset --hard',
    'git clean -fd',
    'git gc',
    'git worktree add PWN',
    'git apply x',
    'git difftool',
    'git help -w x',
  ],
  ...[
    "sed 'w PWN' a.txt",
    "sed '1e touch PWN' a.txt",
    'sed -i s/a/b/ a.txt',
    'awk \'BEGIN{system("touch PWN")}\'',
    'awk \'{print > "PWN"}\' a.txt',
  ],
  ...[
    'tar --checkpoint=1 --checkpoint-action=exec=./evil.sh -cf x .',
    'tar -I ./evil.sh -cf x .',
    'tar --to-command=./evil.sh -xf x',
  ],
  ...[
    'rg --pre ./evil.sh x',
    'rg --pre=./evil.sh x',
    "rg --p''re ./evil.sh x",
    'rg --hostname-bin ./evil.sh x',
    'rg -z x',
    'rg --search-zip x',
  ],
  ...[
    'rg --follow needle',
    'rg -L needle',
    'rg -uuu SECRET',
    'rg --hidden SECRET',
    'rg --hidden -g .env SECRET',
    "rg --hidden -g '!x' SECRET",
  ],
  ...[
    'rg SECRET .env',
    'rg SECRET ../',
    'rg SECRET /etc',
    'rg -f .env x',
    'rg --file=.env x',
    'rg --ignore-file=.env x',
    'rg --debug x',
  ],
  ...[
    'rg --files --hidden',
    'rg -e SECRET --hidden',
    'rg --hidden --iglob .ENV SECRET',
    'rg --generate man',
    'rg --type-add x:*.env -t x .',
  ],
  ...[
    'xargs touch PWN',
    'parallel touch ::: PWN',
    'tee PWN',
    'sort -o PWN a.txt',
    'sort --compress-program=./evil.sh a.txt',
  ],
  ...[
    'ssh -oProxyCommand=./evil.sh h',
    'scp -S ./evil.sh a h:',
    'rsync -e ./evil.sh a h:',
    'less a.txt',
    'man -P ./evil.sh ls',
    'vim -c x',
    'ed a.txt',
  ],
  ...[
    'go test -exec ./evil.sh',
    'go vet -toolexec ./evil.sh',
    'cargo --config x test',
    'RUSTC_WRAPPER=x cargo check',
    'cargo test',
    'go test',
  ],
  ...[
    'eslint -c evil.cjs',
    'eslint -o PWN .',
    'eslint --rulesdir . .',
    'tsc --outDir PWN',
    'python -c x',
    'node -e x',
    'perl -e x',
    'make -f -',
  ],
  ...[
    'ls() { touch PWN; }',
    'alias ls=touch',
    '!!',
    'ls\u00a0-la',
    'ｌs',
    'ls \u202e',
    'ls #$(touch PWN)',
    `ls${' && ls'.repeat(60)}`,
  ],
  ...[
    `ls ${'a'.repeat(1_000_000)}`,
    `ls ${'-a '.repeat(2000)}`,
    'ls --color=always',
    'ls -R',
    'ls -H victim',
    'cat -',
    'tail -f a.txt',
    'wc --files0-from=.env',
  ],
  ...[
    'head -n -1 .env',
    'pwd -W',
    'git rev-parse HEAD:.env',
    'git rev-parse --parseopt',
    'git rev-parse --git-path x',
    'git ls-files -s',
    'git ls-files --stage',
  ],
  ...[
    'git log --format=%G?',
    "git log --format='%(trailers)'",
    "git log --pretty='%GG'",
    'git log --show-signature',
    'git log -L1,2:.env',
    'git log --textconv',
  ],
  ...[
    'git status --ignore-submodules=none',
    'git log --remerge-diff',
    'git diff --submodule=diff',
    'git show --ext-diff',
    'git blame --contents .env a.txt',
  ],
  ...[
    'git log --follow .env',
    'git diff --relative=..',
    'git log --decorate-refs=x',
    'git diff -O.env',
    'git log --exec=x',
    'git log @{0}:.env',
  ],
];

const blobId = (): string => execFileSync('git', ['-C', ws, 'rev-parse', 'HEAD:.env']).toString().trim();

describe.runIf(process.platform === 'linux' && works)('the hostile corpus', () => {
  test(
    `${corpus.length} commands, as text and as words, are refused or have no effect`,
    { timeout: 120_000 },
    async () => {
      const before = state();
      let ran = 0;
      const commands: (string | string[])[] = [
        ...corpus,
        ...corpus.map((text) => text.replace(/['"]/g, '').split(' ')),
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
