import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeviceId, SessionId } from '../../../contract/ids.ts';
import { deviceCaller, type Caller } from '../../kernel/caller.ts';
import { bench, type Made, submit, owner } from '../../testing/conversation-bench.ts';

/** A first task that has ended, and the session it leaves. */
async function ended(made: Made, caller: Caller = owner): Promise<SessionId> {
  const { id } = await submit(made, {}, caller);
  (await made.prompted()).finish('end_turn');
  const done = await made.on.until(id, 'done');
  return SessionId.parse('sessionId' in done ? done.sessionId : '');
}

test('a task goes on with the session of an earlier one; what the agent repeats while it loads it is left out', async () => {
  const made = await bench({ replay: ['said before'] });
  const session = await ended(made);
  const next = await submit(made, { session, text: 'and now' });
  expect(next).toMatchObject({ continues: session, mode: 'ask' });
  await expect.poll(() => made.agents.length).toBe(2);
  const agent = await made.prompted();
  expect(agent.asked.map(({ method }) => method)).toEqual(['initialize', 'session/load', 'session/prompt']);
  expect(agent.asked[1]?.params).toMatchObject({ sessionId: 'session', cwd: made.folder });
  agent.say('said now');
  agent.finish('end_turn');
  const done = await made.on.until(next.id, 'done');
  expect(done).toMatchObject({ sessionId: session, summary: 'said now', delivery: 'done' });
  expect(made.book.entries.filter(({ kind }) => kind === 'message')).toEqual([
    { kind: 'message', text: 'said now' },
  ]);
});

test('an agent that can resume is asked for that instead of a replay', async () => {
  const made = await bench({ capabilities: { loadSession: true, sessionCapabilities: { resume: {} } } });
  const session = await ended(made);
  await submit(made, { session });
  await expect.poll(() => made.agents.length).toBe(2);
  expect((await made.prompted()).asked[1]?.method).toBe('session/resume');
});

test('an agent that cannot go on with a session says so before anything is prompted', async () => {
  const made = await bench({ capabilities: {} });
  const session = await ended(made);
  const { id } = await submit(made, { session });
  const failed = await made.on.until(id, 'failed');
  expect(failed).toMatchObject({
    delivery: 'never',
    reason: expect.stringContaining('cannot go on') as string,
  });
});

test('a session of somebody else is only read, unless whoever asks manages the host and says otherwise', async () => {
  const made = await bench();
  const phone = deviceCaller(DeviceId.parse('phone'), 'submit');
  const session = await ended(made, phone);
  const other = deviceCaller(DeviceId.parse('other'), 'submit');
  await expect(submit(made, { session, mode: 'auto' }, other)).rejects.toMatchObject({
    code: 'not_permitted',
  });
  expect(await submit(made, { session }, other)).toMatchObject({ mode: 'read' });
  expect(await submit(made, { session }, phone)).toMatchObject({ mode: 'ask' });
  expect(await submit(made, { session, mode: 'auto' })).toMatchObject({ mode: 'auto' });
});

test('a session of another agent is refused, and tasks of one session go one after the other', async () => {
  const made = await bench();
  const session = await ended(made);
  const [one, two] = [await submit(made, { session }), await submit(made, { session })];
  expect(await made.on.until(two.id, 'queued')).toMatchObject({ state: 'queued' });
  await expect.poll(() => made.agents.length).toBe(2);
  (await made.prompted()).finish('end_turn');
  await made.on.until(one.id, 'done');
  await expect.poll(() => made.agents.length).toBe(3);
  (await made.prompted()).finish('end_turn');
  await made.on.until(two.id, 'done');
});

test('a steered task ends its turn, withdraws what it asked, and is told something else in the same session', async () => {
  const made = await bench({}, { answer: () => new Promise(() => {}) });
  const { id } = await submit(made);
  const agent = await made.prompted();
  agent.ask('make test');
  await made.on.until(id, 'waiting');
  const steered = await made.on.tasks.handlers['tasks.steer']({ taskId: id, text: 'rather this' }, owner);
  expect(steered.steered).toBe(1);
  await made.prompted(2);
  expect(agent.cancels).toBe(1);
  expect(agent.prompts).toEqual(['go', 'rather this']);
  expect(made.approver.requests[0]?.signal?.aborted).toBe(true);
  // It may ask again in its new turn.
  agent.ask('make all');
  await expect.poll(() => made.approver.requests.length).toBe(2);
  agent.finish('end_turn');
  expect(await made.on.until(id, 'done')).toMatchObject({ steered: 1 });
  expect(made.book.entries.filter(({ kind }) => kind === 'user')).toEqual([
    { kind: 'user', text: 'go' },
    { kind: 'user', text: 'rather this' },
  ]);
  const again = async () => made.on.tasks.handlers['tasks.steer']({ taskId: id, text: 'more' }, owner);
  await expect(again()).rejects.toMatchObject({ code: 'conflict' });
});

test('a retry is a new task with the same content, once for one key', async () => {
  const made = await bench();
  const { id } = await submit(made, { text: 'do it', budget: { tokens: 9 } });
  (await made.prompted()).fail('overloaded');
  expect(await made.on.until(id, 'failed')).toMatchObject({ delivery: 'done', cause: 'agent' });
  const retry = async () =>
    made.on.tasks.handlers['tasks.retry']({ taskId: id, idempotencyKey: 'again-and-again' }, owner);
  const [one, two] = [await retry(), await retry()];
  expect(one).toMatchObject({ retryOf: id, text: 'do it', budget: { tokens: 9 } });
  expect(two.id).toBe(one.id);
});

test('a budget of tokens or cost stops the task with that reason', async () => {
  const made = await bench();
  const { id } = await submit(made, { budget: { costUsd: 0.5 } });
  const agent = await made.prompted();
  agent.update({
    sessionUpdate: 'usage_update',
    used: 10,
    size: 100,
    cost: { amount: 0.4, currency: 'USD' },
  });
  await expect
    .poll(
      async () => (await made.on.tasks.handlers['tasks.get']({ taskId: id }, owner)).usage?.cost?.amount,
      {
        timeout: 5000,
      },
    )
    .toBe(0.4);
  agent.update({
    sessionUpdate: 'usage_update',
    used: 12,
    size: 100,
    cost: { amount: 0.6, currency: 'USD' },
  });
  expect(await made.on.until(id, 'failed')).toMatchObject({
    cause: 'budget',
    reason: 'its budget of 0.5 USD is used up: 0.6 USD spent',
    usage: { contextUsed: 12, contextSize: 100, totalTokens: 12 },
  });
  expect(agent.isAlive()).toBe(false);
});

test('tokens are taken from the answer of a prompt, wherever the agent puts them', async () => {
  for (const more of [
    { usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12 } },
    { _meta: { quota: { token_count: { input_tokens: 5, output_tokens: 7 } } } },
  ]) {
    const made = await bench();
    const { id } = await submit(made);
    (await made.prompted()).finish('end_turn', more);
    expect(await made.on.until(id, 'done')).toMatchObject({
      usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12, cost: null },
    });
  }
});

test('mode read asks for a read-only mode, promises no terminal, and refuses changes, commands and terminals', async () => {
  const modes = { currentModeId: 'code', availableModes: ['code', 'plan'].map((id) => ({ id, name: id })) };
  const made = await bench({ settings: { modes } });
  await submit(made, { mode: 'read' });
  const agent = await made.prompted();
  expect(agent.asked.find(({ method }) => method === 'session/set_mode')?.params).toMatchObject({
    modeId: 'plan',
  });
  expect(agent.asked[0]?.params).toMatchObject({ clientCapabilities: { terminal: false } });
  const write = await agent.request('fs/write_text_file', { path: join(made.folder, 'x'), content: 'x' });
  const terminal = await agent.request('terminal/create', { command: 'touch', args: ['x'] });
  expect([write.error?.message, terminal.error?.message]).toEqual([
    'this task may only read',
    'this task may only read',
  ]);
  expect(made.approver.requests).toEqual([]);
});

test('a live session takes a mode and an option, and ends with its turn', async () => {
  const made = await bench();
  const { id } = await submit(made);
  const agent = await made.prompted();
  const session = SessionId.parse('session-1');
  expect(await made.on.tasks.live.setMode(session, 'fast')).toBe(true);
  expect(await made.on.tasks.live.setOption(session, 'model', 'big')).toBe(true);
  expect(made.book.reports).toContainEqual({ currentModeId: 'fast' });
  expect(agent.asked.map(({ method }) => method).slice(-2)).toEqual([
    'session/set_mode',
    'session/set_config_option',
  ]);
  await expect(made.on.tasks.live.setMode(session, 'gone')).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('no such mode') as string,
  });
  expect(await made.on.tasks.live.cancel(session)).toBe(true);
  expect(await made.on.until(id, 'cancelled')).toMatchObject({ delivery: 'done' });
  expect(await made.on.tasks.live.setMode(session, 'fast')).toBe(false);
});

test('the bridge is handed to an agent that can use it, and its token ends with the task', async () => {
  let released = 0;
  const bridge = { url: 'http://127.0.0.1:1/mcp', token: 't0ken', release: () => void (released += 1) };
  const made = await bench({ capabilities: { mcpCapabilities: { http: true } } }, { bridge });
  const { id } = await submit(made);
  const agent = await made.prompted();
  expect(agent.asked[1]?.params['mcpServers']).toEqual([
    {
      type: 'http',
      name: 'signalbox',
      url: bridge.url,
      headers: [{ name: 'Authorization', value: 'Bearer t0ken' }],
    },
  ]);
  expect(released).toBe(0);
  agent.finish('end_turn');
  await made.on.until(id, 'done');
  expect(released).toBe(1);
});
