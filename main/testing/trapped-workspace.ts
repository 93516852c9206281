import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';

/** What lies in the file `.env` and is never to be seen. */
export const secret = 'SECRET-VALUE-IN-ENV';

/**
 * A repository in which everything that git can be configured to run is set to leave a mark.
 * @param base an empty folder; the marks are files in its folder `marks`
 * @returns the folder of the repository
 */
export function makeTrappedWorkspace(base: string): string {
  const ws = join(base, 'ws');
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
  plantPrograms(base, git);
  for (const name of ['evil.sh', 'git', 'ls']) {
    fs.writeFileSync(join(ws, name), `#!/bin/sh\n: > ${base}/marks/program-$$\n: > PWN\ncat\n`, {
      mode: 0o755,
    });
  }
  fs.writeFileSync(
    join(ws, 'package.json'),
    JSON.stringify({ scripts: { test: 'touch PWN', 'build:evil': 'touch PWN' } }),
  );
  return ws;
}

/** Sets every setting, attribute and hook of git that names a program to one that leaves a mark. */
function plantPrograms(base: string, git: (...args: string[]) => string): void {
  const ws = join(base, 'ws');
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
