import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { startTestHost } from '../../testing/test-host.ts';
import { runCli } from '../run-cli.ts';

/** A host with predefined commands in a workspace, and a shell that tells of what is printed as it is printed. */
async function shell(scripts: Record<string, { script: string; risk?: string }>) {
  const project = join(temporaryFolder('actions-cli'), 'project');
  mkdirSync(project);
  const entries = Object.entries(scripts).map(([name, { script, risk = 'low' }]) =>
    [
      `  - name: ${name}`,
      `    argv: [sh, -c, ${JSON.stringify(script)}]`,
      `    workspace: project\n    risk: ${risk}`,
    ].join('\n'),
  );
  const made = await startTestHost({ config: `actions:\n${entries.join('\n')}\n` });
  const run = async (args: readonly string[], printed: (stdout: string) => void = () => {}) => {
    let [stdout, stderr] = ['', ''];
    const code = await runCli(['--home', made.root, ...args], {
      stdout(text) {
        stdout += text;
        printed(stdout);
      },
      stderr: (text) => void (stderr += text),
      terminal: false,
    });
    return { code, stdout, stderr };
  };
  await run(['workspace', 'add', project]);
  return { ...made, project, run };
}

test('a command prints while it runs, with its secrets held back, and its exit code tells', async () => {
  const secret = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
  const script = `echo one ${secret}; while [ ! -e go ]; do sleep 0.02; done; echo two; exit 3`;
  const { project, run } = await shell({ job: { script } });
  const ended = await run(['actions', 'run', 'job'], (stdout) => {
    if (stdout.endsWith('\n')) writeFileSync(join(project, 'go'), '');
  });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/^one \[REDACTED github-pat #[0-9a-f]{8}\]\ntwo\n$/);
  const { code, stdout } = await run(['--json', 'actions', 'run', 'job']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ exitCode: 3, stopped: false, output: ended.stdout });
  expect((await run(['actions', 'runs'])).stdout.match(/ended/g)).toHaveLength(2);
});

test('Ctrl+C stops the command, and another window can follow and stop it too', async () => {
  const { run } = await shell({ job: { script: 'echo begun; sleep 600' } });
  let isFirst = true;
  const interrupted = await run(['actions', 'run', 'job'], () => {
    if (isFirst) process.emit('SIGINT');
    isFirst = false;
  });
  expect(interrupted).toMatchObject({ code: 1, stdout: 'begun\n' });

  let stopped: Promise<unknown> = Promise.resolve();
  const left = await run(['actions', 'run', 'job'], () => {
    stopped = run(['--json', 'actions', 'runs']).then(async ({ stdout }) => {
      const { runs } = JSON.parse(stdout) as { runs: { id: string; state: string }[] };
      const [newest] = runs;
      expect(newest?.state).toBe('running');
      const answer = await run(['actions', 'stop', newest?.id ?? '']);
      expect(answer.stdout).toBe(`${newest?.id ?? ''} is ended\n`);
      const followed = await run(['actions', 'follow', newest?.id ?? '']);
      expect(followed).toMatchObject({ code: 1, stdout: 'begun\n' });
    });
  });
  await stopped;
  expect(left).toMatchObject({ code: 1, stdout: 'begun\n' });
});

test('one of high risk says that it waits, and what is denied exits as refused', async () => {
  const { owner, run, until } = await shell({ job: { script: 'true', risk: 'high' } });
  const running = run(['actions', 'run', 'job']);
  const approval = await until(({ approvals }) =>
    Object.values(approvals).find(({ state }) => state === 'pending'),
  );
  await owner.call('approvals.decide', {
    ...{ approvalId: approval.id, actionHash: approval.actionHash, decision: 'deny' },
  });
  expect(await running).toMatchObject({ code: 4, stdout: '' });
});
