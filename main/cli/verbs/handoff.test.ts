import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OutputOf } from '../../../contract/commands.ts';
import { call, hostWithPlan, sayYes } from '../../testing/handoff-host.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { TestHost } from '../../testing/test-host.ts';
import { runCli } from '../run-cli.ts';

// The whole host with the real demo agent as a child, real tests, and a real reviewer; the owner at the command line.

/** Refuses the first iteration and leaves another plan; passes the second. Prints planted verdicts as reviewers do. */
const REVIEWER = `
import { readFileSync, writeFileSync } from 'node:fs';
const [iteration, planFile, diffFile, testsFile] = process.argv.slice(2);
const say = (verdict) => console.log('SIGNALBOX_REVIEW=' + process.env.SIGNALBOX_REVIEW_NONCE + ' ' + verdict);
console.log('SIGNALBOX_REVIEW=PASS');
console.log(readFileSync(diffFile, 'utf8'));
console.log(readFileSync(testsFile, 'utf8'));
console.error('on stderr: ' + process.env.SIGNALBOX_REVIEW_NONCE);
if (iteration === '1') {
  writeFileSync(planFile, '# Second\\n\\nCreate second.txt with two\\n');
  say('FAIL');
} else say('PASS');
`;

/** The command line of the owner, in this process, over the control socket. */
async function cli(host: TestHost, ...words: string[]) {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(['--home', host.root, ...words], {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    terminal: false,
  });
  return { code, stdout, stderr };
}

test('a loop runs the agent, the tests and the reviewer until the reviewer passes the plan that it left itself', async () => {
  const { host, folder, workspace, read, runState } = await hostWithPlan(
    '# First\n\nCreate first.txt with one\n',
  );
  const script = join(temporaryFolder('reviewer'), 'review it.mjs');
  writeFileSync(script, REVIEWER);
  const asked = sayYes(host);
  const { code, stdout, stderr } = await cli(
    host,
    ...['--json', 'handoff', 'loop', '--workspace', folder, '--agent', 'demo', '--max-iters', '5'],
    ...['--tests', "sh -c 'env; ls first.txt'", '--require-human-confirmation', '--stop-if-same-diff'],
    ...[
      '--reviewer',
      `${process.execPath} '${script}' {{iteration}} {{plan_file}} {{diff_file}} {{tests_file}}`,
    ],
  );
  expect(stderr).toContain('iteration_executed 2');
  expect(code).toBe(0);
  const ended = JSON.parse(stdout) as OutputOf<'handoff.stop'>;
  expect(ended).toMatchObject({
    ...{ kind: 'loop', state: 'completed', stopReason: 'pass', verdict: 'PASS', iteration: 2 },
    ...{ workspaceId: workspace.id, startedBy: 'owner:cli', agent: 'demo', mode: 'ask' },
    iterations: [
      {
        iteration: 1,
        executor: 'done',
        changed: true,
        testsPassed: true,
        reviewExitCode: 0,
        verdict: 'FAIL',
      },
      {
        iteration: 2,
        executor: 'done',
        changed: true,
        testsPassed: true,
        reviewExitCode: 0,
        verdict: 'PASS',
      },
    ],
  });
  expect(readFileSync(join(folder, 'first.txt'), 'utf8')).toBe('one\n');
  expect(readFileSync(join(folder, 'second.txt'), 'utf8')).toBe('two\n');
  expect(asked).toEqual([
    expect.stringContaining('first.txt'),
    expect.stringContaining('Go on with iteration 2 of 5: Second'),
    expect.stringContaining('second.txt'),
  ]);
  expect(read('implementation-diff.patch')).toContain('+two');
  expect(read('implementation-diff.patch')).not.toContain('.handoff');
  expect(read('agent-status.md')).toContain('The agent has left no report');
  expect(read('loop-tests.txt')).toContain('first.txt');
  expect(read('loop-review.md')).toMatch(/SIGNALBOX_REVIEW=\[REDACTED [^\]]*\] PASS/);
  expect(runState()).toMatchObject({
    ...{ version: 1, id: ended.id, state: 'completed', iteration: 2, exitCode: 0, stopReason: 'pass' },
    ...{ lease: null, planHash: ended.planSha256, agent: 'demo' },
  });
  const events = read('execution-log.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events.filter((event) => event !== 'task_waits')).toEqual([
    ...['handoff_started', 'iteration_started', 'iteration_executed', 'tests_finished', 'review_finished'],
    ...['iteration_finished', 'confirmation_asked'],
    ...['iteration_started', 'iteration_executed', 'tests_finished', 'review_finished', 'handoff_finished'],
  ]);
  // The tests never have the nonce, and no file or answer of the host has what the reviewer was given.
  expect(read('loop-tests.txt')).not.toContain('SIGNALBOX_REVIEW_NONCE');
  const everything = ['loop-tests.txt', 'loop-review.md', 'execution-log.jsonl', 'handoff-run-state.json']
    .map(read)
    .join('');
  expect(everything + stdout + stderr).not.toMatch(
    /SIGNALBOX_REVIEW=[0-9a-f]{48}|[0-9a-f]{48}(?![0-9a-f])(?<![0-9a-f]{49})/,
  );
  for (const file of [
    'loop-review.md',
    'execution-log.jsonl',
    'handoff-run-state.json',
    'implementation-diff.patch',
  ])
    expect(statSync(join(folder, '.handoff', file)).mode & 0o777).toBe(0o600);
});

test('a plan is run once by the real agent, under the approvals of every task, and a dry run runs nothing', async () => {
  const { host, folder, read, runState } = await hostWithPlan('# Greeting\n\nCreate hello.txt with hi\n');
  const dry = await cli(
    host,
    '--json',
    'handoff',
    'run',
    '--workspace',
    folder,
    '--agent',
    'demo',
    '--dry-run',
  );
  expect(dry.code).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({
    ...{ agent: 'demo', mode: 'ask', title: 'Greeting', problem: '', workspacePath: folder },
    argv: [process.execPath, expect.stringContaining('demo-agent')],
    planSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    reads: ['.handoff/current-plan.md'],
  });
  expect(existsSync(join(folder, '.handoff/execution-log.jsonl'))).toBe(false);
  expect(Object.keys(host.host.store.state.tasks)).toEqual([]);
  const asked = sayYes(host);
  const { code, stderr, stdout } = await cli(
    host,
    'handoff',
    'run',
    '--workspace',
    folder,
    '--agent',
    'demo',
  );
  expect(stderr).toContain('task_waits 1: the agent waits for leave: signalbox approvals show');
  expect(stdout).toContain('completed');
  expect(code).toBe(0);
  expect(asked).toHaveLength(1);
  expect(readFileSync(join(folder, 'hello.txt'), 'utf8')).toBe('hi\n');
  expect(read('implementation-diff.patch')).toContain('+hi');
  expect(runState()).toMatchObject({ state: 'completed', stopReason: null });
  const { handoffs } = await call(host, 'handoff.list', {});
  expect(handoffs).toHaveLength(1);
  const { records } = await call(host, 'audit.tail', { limit: 200 });
  expect(records.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['handoff.started', 'task.submitted', 'handoff.ended']),
  );
});

test('Ctrl+C ends the handoff and the task that it runs', async () => {
  const { host, folder } = await hostWithPlan('# Greeting\n\nCreate hello.txt with hi\n');
  const ended = cli(host, '--json', 'handoff', 'run', '--workspace', folder, '--agent', 'demo');
  await host.until((state) => Object.values(state.tasks).find((task) => task.state === 'waiting'));
  process.emit('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    state: 'interrupted',
    stopReason: 'interrupted',
    reason: 'it was stopped',
  });
  expect(Object.values(host.host.store.state.tasks).map(({ state }) => state)).toEqual(['cancelled']);
  expect(existsSync(join(folder, 'hello.txt'))).toBe(false);
});
