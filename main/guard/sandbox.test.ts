import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bubblewrapArguments } from './bubblewrap.ts';
import { createSandbox, runSandboxed } from './sandbox.ts';
import type { SandboxedRun } from './sandbox.ts';
import { seatbeltArguments } from './seatbelt.ts';
import { buildSeccompFilter } from './seccomp.ts';
import { findProgram } from './trusted-path.ts';

let base: string;
let root: string;

beforeEach(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'sandbox-'));
  root = join(base, 'ws');
  fs.mkdirSync(join(root, 'sub/.ssh'), { recursive: true });
  execFileSync('git', ['init', '-q', root]);
  fs.mkdirSync(join(root, '.git/hooks'), { recursive: true });
  fs.writeFileSync(join(root, '.env'), 'TOKEN=OUTSIDE-SECRET');
  fs.writeFileSync(join(root, 'sub/.ssh/key'), 'OUTSIDE-SECRET');
  fs.writeFileSync(join(root, 'package-lock.json'), '{}');
  fs.writeFileSync(join(root, 'a.txt'), 'content');
  fs.writeFileSync(join(base, 'outside.txt'), 'OUTSIDE-SECRET');
});

afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

const shell = (script: string, more: Partial<SandboxedRun> = {}) =>
  runSandboxed({
    ...{ profile: 'ro', root, argv: ['/bin/sh', '-c', script], timeoutMs: 10_000, maxOutputBytes: 100_000 },
    ...{ env: { PATH: '/usr/bin:/bin', MARK: 'from-env' } },
    ...more,
  });

// Without bubblewrap (a machine that has not run setup) only the fail-closed half can be tested.
const works = (await createSandbox().probe()).ok;

describe.runIf(process.platform === 'linux' && works)('in bubblewrap', () => {
  test('a command sees the workspace and gets its environment', async () => {
    const result = await shell('pwd; cat a.txt; echo $MARK; cd sub; echo $HOME; exit 3');
    expect(result.stdout).toBe(`${root}\ncontentfrom-env\n/tmp/home\n`);
    expect(result).toMatchObject({ code: 3, signal: null, truncated: false, timedOut: false });
    expect((await shell('pwd', { cwd: 'sub' })).stdout).toBe(`${root}/sub\n`);
  });

  test.each([
    ['a file beside the workspace', () => `cat ${base}/outside.txt`],
    [
      'the host through /proc/1/root',
      () => `cat /proc/1/root${base}/outside.txt /proc/self/root${base}/outside.txt`,
    ],
    ['the parent directory', () => 'cat ../outside.txt; ls ..'],
    ['a secret file of the workspace', () => 'cat .env'],
    ['a secret directory of the workspace', () => 'cat sub/.ssh/key; ls -la sub/.ssh'],
    ['the shadow file', () => 'cat /etc/shadow && echo OUTSIDE-SECRET'],
    ['the home of the user', () => `ls ${process.env['HOME'] ?? '/root'}/ && echo OUTSIDE-SECRET`],
    ['a link out of the workspace', () => `ln -s ${base}/outside.txt /tmp/l; cat /tmp/l`],
  ])('it cannot read %s', async (_name, script) => {
    for (const profile of ['ro', 'ws'] as const) {
      const result = await shell(script(), { profile });
      expect(result.stdout + result.stderr).not.toContain('OUTSIDE-SECRET');
    }
  });

  test('the read-only profile changes nothing, on the workspace or elsewhere', async () => {
    const before = execFileSync('find', [base, '-printf', '%p %y %s %T@\n']).toString();
    const result = await shell(
      `touch PWN; rm -f a.txt; echo x >> a.txt; touch ${base}/PWN /etc/PWN /usr/PWN; chmod 777 a.txt; mkdir -p ../PWN; ` +
        'mount -o remount,rw / ; mount -o remount,rw . ; echo x > .git/hooks/pre-commit; true',
    );
    expect(result.stderr).toContain('Read-only file system');
    expect(execFileSync('find', [base, '-printf', '%p %y %s %T@\n']).toString()).toBe(before);
  });

  test('the workspace profile writes the workspace but not what would run code later', async () => {
    const config = fs.readFileSync(join(root, '.git/config'), 'utf8');
    const attack =
      'touch ok.txt; echo x >> .git/config; git config core.fsmonitor evil; echo x > .git/hooks/pre-commit; ' +
      'mv .git g && mkdir .git; rm -rf .git/config .git/hooks; echo x > package-lock.json; mv package-lock.json p; ' +
      'echo x > .env; rm -f .env; touch ../PWN /usr/PWN; true';
    await shell(attack, { profile: 'ws' });
    expect(fs.existsSync(join(root, 'ok.txt'))).toBe(true);
    expect(fs.readFileSync(join(root, '.git/config'), 'utf8')).toBe(config);
    expect(fs.readdirSync(join(root, '.git/hooks'))).not.toContain('pre-commit');
    expect(fs.readFileSync(join(root, 'package-lock.json'), 'utf8')).toBe('{}');
    expect(fs.readFileSync(join(root, '.env'), 'utf8')).toBe('TOKEN=OUTSIDE-SECRET');
    expect(fs.readdirSync(base).sort()).toEqual(['outside.txt', 'ws']);
  });

  test('there is no network, not even to the loopback of the host, unless the profile says so', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as AddressInfo).port;
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && echo CONNECTED`;
    const argv = ['/bin/bash', '-c', script];
    for (const profile of ['ro', 'ws'] as const) {
      expect((await shell('', { profile, argv })).stdout).not.toContain('CONNECTED');
    }
    expect(connections).toBe(0);
    expect((await shell('', { profile: 'ws+net', argv })).stdout).toContain('CONNECTED');
    await new Promise((resolve) => server.close(resolve));
  });

  test('it has no capabilities, cannot make namespaces, and cannot see or signal processes of the host', async () => {
    const status = (await shell('cat /proc/self/status')).stdout;
    expect(status).toMatch(/CapEff:\s*0+\n/);
    expect(status).toMatch(/NoNewPrivs:\s*1/);
    expect(status).toMatch(/Seccomp:\s*2/);
    expect(
      (await shell('unshare -U true && echo NESTED; unshare -n true && echo NESTED')).stdout,
    ).not.toContain('NESTED');
    const processes = (await shell('ls -d /proc/[0-9]* | wc -l; kill -0 ' + String(process.pid))).stdout;
    expect(Number.parseInt(processes, 10)).toBeLessThan(8);
    expect((await shell('cat /proc/1/environ /proc/1/cmdline')).stdout).not.toContain('vitest');
  });

  test('values of the environment do not appear in the arguments of bubblewrap', async () => {
    const run = shell('read x < /dev/zero', {
      env: { PATH: '/usr/bin:/bin', MY: 'very-secret-value' },
      timeoutMs: 500,
    });
    let lines = '';
    await expect
      .poll(() => (lines = execFileSync('ps', ['-eo', 'args']).toString()), { timeout: 5000 })
      .toContain('read x < /dev/zero');
    expect(lines).not.toContain('very-secret-value');
    expect((await run).timedOut).toBe(true);
  });

  test('limits hold: processes, file size, open files', async () => {
    const limits = (
      await shell('', { argv: ['/bin/bash', '-c', 'for l in u n f c; do ulimit -$l; done'] })
    ).stdout.split('\n');
    expect(limits).toEqual(['512', '1024', String(2 ** 31 / 1024), '0', '']);
    // The kernel exempts the system's root from the process limit.
    const bomb = await shell('i=0; while [ $i -lt 700 ]; do sleep 5 & i=$((i+1)); done; echo $i');
    if (process.getuid?.() !== 0) expect(bomb.stdout).not.toContain('700');
  });
});

describe.each(works ? (['ro', 'none'] as const) : (['none'] as const))('bounds in profile %s', (profile) => {
  test('a command that runs too long is ended with everything it started', async () => {
    const marker = `${9000 + Math.floor(performance.now() % 900)}.${process.pid}`;
    const result = await shell(
      `trap '' TERM; sleep ${marker} & (trap '' TERM; sleep ${marker}) & wait; sleep ${marker}`,
      {
        profile,
        timeoutMs: 300,
      },
    );
    expect(result).toMatchObject({ timedOut: true, truncated: false });
    await expect
      .poll(() => execFileSync('ps', ['-eo', 'args']).toString().includes(`sleep ${marker}`), {
        timeout: 3000,
      })
      .toBe(false);
  });

  test('output beyond the cap is cut and the command ended', async () => {
    const result = await shell('yes', { profile, maxOutputBytes: 5000 });
    expect(result).toMatchObject({ truncated: true, timedOut: false });
    expect(result.stdout).toHaveLength(5000);
  });

  test('an abort ends the command', async () => {
    const controller = new AbortController();
    const run = shell('sleep 100', { profile, signal: controller.signal });
    setImmediate(() => controller.abort());
    const outcome = await run.catch((error: unknown) => error);
    expect(outcome).not.toMatchObject({ code: 0 });
    await expect(shell('true', { profile, signal: controller.signal })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  test('a background process that keeps the pipes open does not hold the call', async () => {
    const result = await shell('setsid sleep 30 & echo started', { profile, timeoutMs: 10_000 });
    expect(result).toMatchObject({ code: 0, stdout: 'started\n', timedOut: false });
  });
});

test('without bubblewrap every profile but none is refused with what to install', async () => {
  const sandbox = createSandbox({ platform: 'linux', bubblewrap: null });
  expect(await sandbox.probe()).toMatchObject({
    ok: false,
    message: expect.stringContaining('apt install bubblewrap') as string,
  });
  const run = { root, argv: ['/bin/echo', 'hi'], env: {}, timeoutMs: 5000, maxOutputBytes: 1000 };
  for (const profile of ['ro', 'ws', 'ws+net'] as const) {
    await expect(sandbox.run({ ...run, profile })).rejects.toMatchObject({ code: 'unavailable' });
  }
  expect((await sandbox.run({ ...run, profile: 'none' })).stdout).toBe('hi\n');
});

test('a bubblewrap that does not work is reported with the likely reason', async () => {
  const probe = await createSandbox({ platform: 'linux', bubblewrap: '/bin/false' }).probe();
  expect(probe).toMatchObject({ ok: false, message: expect.stringContaining('user namespaces') as string });
  expect(await createSandbox({ platform: 'win32' }).probe()).toMatchObject({ ok: false, kind: 'none' });
});

test('system directories cannot be a workspace', async () => {
  for (const path of ['/', '/etc', '/usr', '/home', '/tmp', '/proc']) {
    await expect(shell('true', { root: path }), path).rejects.toMatchObject({ code: 'not_permitted' });
  }
});

const masks = { files: ['.env'], directories: ['.ssh'], readOnly: ['.git/config'] };

test('the bubblewrap arguments end with the command and hide masks after the workspace is bound', () => {
  const args = bubblewrapArguments(
    {
      ...{ profile: 'ws', root: '/w s', cwd: 'sub', masks, emptyFile: '/tmp/e', programs: ['/opt/rg'] },
      ...{ seccompFd: 3, disableUserns: true, limits: null },
    },
    ['/bin/ls', '--bind'],
  );
  expect(args.slice(-3)).toEqual(['--', '/bin/ls', '--bind']);
  expect(args.indexOf('/w s')).toBeLessThan(args.indexOf('/w s/.env'));
  expect(args).toContain('--unshare-all');
  expect(args).not.toContain('--share-net');
  expect(args.join(' ')).toContain('--bind /w s/.git /w s/.git');
});

test('the seatbelt profile never contains a path, only parameters', () => {
  const root = '/Users/x/evil") (allow default) ("';
  const args = seatbeltArguments({ profile: 'ro', root, masks, programs: [], temporary: '/private/tmp/t' }, [
    '/bin/ls',
  ]);
  const profile = args[args.indexOf('-p') + 1] ?? '';
  expect(profile).toContain('(deny default)');
  expect(profile).not.toContain('evil');
  expect(profile).not.toContain('network-outbound');
  expect(args.at(-1)).toBe('/bin/ls');
});

test('the seccomp filter is a whole number of instructions whose jumps stay inside', () => {
  for (const arch of ['x64', 'arm64']) {
    const filter = buildSeccompFilter(arch) ?? Buffer.alloc(0);
    const count = filter.length / 8;
    expect(Number.isInteger(count)).toBe(true);
    for (let i = 0; i < count - 1; i += 1) {
      const jump = Math.max(filter.readUInt8(i * 8 + 2), filter.readUInt8(i * 8 + 3));
      expect(i + 1 + jump).toBeLessThan(count);
    }
    expect(filter.readUInt32LE(filter.length - 4)).toBe(0x7fff0000);
  }
  expect(buildSeccompFilter('s390x')).toBeNull();
});

test('programs are taken from trusted directories and never from the workspace', () => {
  fs.writeFileSync(join(root, 'ls'), '#!/bin/sh\n', { mode: 0o755 });
  fs.mkdirSync(join(base, 'bin'));
  fs.symlinkSync(join(root, 'ls'), join(base, 'bin/ls'));
  expect(findProgram('ls', root, [root, join(base, 'bin'), '/usr/bin'])).toBe('/usr/bin/ls');
  for (const name of ['./ls', '../ls', '/bin/ls', '', 'ls;x', '-ls'])
    expect(findProgram(name, root), name).toBeNull();
});
