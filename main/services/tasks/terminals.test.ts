import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench, submit, owner } from '../../testing/conversation-bench.ts';

test('a command in a terminal is approved with its words, folder and environment, and runs in the sandbox', async () => {
  const made = await bench({}, { answer: 'allow' });
  const { id } = await submit(made, { mode: 'ask' });
  const agent = await made.prompted();
  writeFileSync(join(made.folder, 'a.txt'), 'inside\n');
  const created = await agent.request('terminal/create', {
    command: 'sh',
    args: ['-c', 'cat a.txt; echo $WORD; echo hunter2hunter2'],
    env: [{ name: 'WORD', value: 'given' }],
    cwd: made.folder,
  });
  const { terminalId } = created.result as { terminalId: string };
  const over = await agent.request('terminal/wait_for_exit', { terminalId });
  expect(over.result).toEqual({ exitCode: 0, signal: null });
  const { result } = await agent.request('terminal/output', { terminalId });
  expect(result).toMatchObject({ output: 'inside\ngiven\n[redacted]\n', truncated: false });
  expect(made.approver.requests[0]).toMatchObject({
    mustAsk: true,
    facts: {
      kind: 'exec',
      exec: { argv: [expect.stringContaining('sh'), '-c', expect.any(String)], cwd: '.' },
    },
  });
  expect(made.approver.requests[0]?.facts.exec?.envNames).toContain('WORD');
  expect(made.approver.outcomes).toEqual([{ kind: 'exec', outcome: 'done' }]);
  agent.finish('end_turn');
  await made.on.until(id, 'done');
});

test('terminals outside of the workspace, with loaders in their environment, or of another session are refused', async () => {
  const made = await bench({}, { answer: 'allow' });
  await submit(made);
  const agent = await made.prompted();
  for (const wrong of [
    { command: 'ls', cwd: '/etc' },
    { command: 'ls', cwd: `${made.folder}/../..` },
    { command: 'ls', env: [{ name: 'LD_PRELOAD', value: '/x.so' }] },
    { command: 'ls', env: [{ name: 'PATH', value: '/tmp' }] },
    { command: '' },
    { command: 'no-such-program-at-all' },
    { command: 'ls', sessionId: 'another' },
  ]) {
    const { error, result } = await agent.request('terminal/create', wrong);
    expect({ wrong, result }).toEqual({ wrong, result: undefined });
    expect(error).toBeDefined();
  }
  expect(made.approver.requests).toEqual([]);
});

test('a terminal keeps the end of its output at a whole character, and ends with the turn', async () => {
  const made = await bench({}, { answer: 'allow' });
  const { id } = await submit(made);
  const agent = await made.prompted();
  const created = await agent.request('terminal/create', {
    command: 'sh',
    args: ['-c', 'printf "aé€"; exec sleep 60'],
    outputByteLimit: 4,
  });
  const { terminalId } = created.result as { terminalId: string };
  const shown = async () => (await agent.request('terminal/output', { terminalId })).result;
  await expect.poll(shown).toMatchObject({ output: '€', truncated: true });
  await made.on.tasks.handlers['tasks.cancel']({ taskId: id }, owner);
  expect(await made.on.until(id, 'cancelled')).toMatchObject({ state: 'cancelled' });
  expect(made.approver.outcomes).toEqual([{ kind: 'exec', outcome: 'done' }]);
});

test('what the options of an agent mean is shown, and its standing leave is never chosen', async () => {
  const made = await bench({}, { answer: 'allow' });
  await submit(made);
  const agent = await made.prompted();
  const answer = await agent.request('session/request_permission', {
    toolCall: { toolCallId: 'c', kind: 'execute', title: 'x', rawInput: { command: 'make' } },
    options: [
      { optionId: 'a', name: 'Always', kind: 'allow_always' },
      { optionId: 'o', name: 'Once', kind: 'allow_once' },
    ],
  });
  expect(answer.result).toEqual({ outcome: { outcome: 'selected', optionId: 'o' } });
  expect(made.approver.requests[0]?.agentSays).toContain(
    '- Always (the agent would not ask again; never chosen for you',
  );
});
