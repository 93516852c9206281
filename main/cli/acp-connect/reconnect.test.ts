import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { handClock } from '../../testing/fake-ports.ts';
import { Failure } from '../failure.ts';
import type { FakeConnection } from '../../testing/acp-connect/fakes.ts';
import {
  agent,
  bench,
  lost,
  prompt,
  REPLAY,
  update,
  withSession,
  type Json,
} from '../../testing/acp-connect/bench.ts';

test.each(REPLAY)(
  'a lost connection is made again with session/%s, and the editor keeps its session',
  async (way) => {
    const made = bench();
    const { editor, remote, clock, notes } = made;
    remote.agent = agent(way);
    const first = await withSession(made);
    editor.say({
      jsonrpc: '2.0',
      id: 2,
      method: 'session/set_mode',
      params: { sessionId: 's1', modeId: 'plan' },
    });
    editor.say({
      jsonrpc: '2.0',
      id: 3,
      method: 'session/set_mode',
      params: { sessionId: 's1', modeId: 'ask' },
    });
    editor.say(prompt('turn'));
    first.say({ jsonrpc: '2.0', id: 0, method: 'session/request_permission', params: { sessionId: 's1' } });
    const before = editor.frames.length;
    first.end(lost);
    expect(editor.got.slice(before)).toEqual([
      { jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: 0 } },
      {
        jsonrpc: '2.0',
        id: 'turn',
        error: {
          code: -32603,
          message: 'the connection to box ended (1006)',
          data: { reason: 'connection_lost' },
        },
      },
    ]);
    // What the editor says meanwhile waits.
    editor.say(prompt('next'));
    clock.advance(1000);
    const second = await made.connection(1);
    await vi.waitFor(() => expect(second.got.at(-1)).toMatchObject({ id: 'next' }));
    expect(second.got.map(({ method }) => method)).toEqual([
      'initialize',
      `session/${way}`,
      'session/set_mode',
      'session/prompt',
    ]);
    expect(second.got[0]?.['params']).toEqual(first.got[0]?.['params']);
    expect(second.got[1]?.['params']).toEqual({ cwd: '/here', mcpServers: [{ name: 'm' }], sessionId: 's1' });
    expect(second.got[2]?.['params']).toEqual({ sessionId: 's1', modeId: 'ask' });
    // Nothing of all that reaches the editor, but what is news to it.
    const news = way === 'load' ? ['available_commands_update'] : [];
    const updates = editor.got.slice(before + 2).map(({ params }) => (params as Json)['update']);
    expect(updates).toEqual(news.map((sessionUpdate) => ({ sessionUpdate })));
    second.say(update('agent_message_chunk'));
    expect(editor.got.at(-1)).toEqual(update('agent_message_chunk'));
    expect(notes).toEqual(['the connection to box ended (1006); trying again', 'connected to box again']);
    editor.close();
    expect(await made.result).toBe('done');
    expect(second.isClosed).toBe(true);
  },
);

test('an answer that comes late never reaches a question of the next agent', async () => {
  const made = bench();
  const { editor, remote, clock } = made;
  remote.agent = agent('resume');
  const first = await withSession(made);
  const ask = {
    jsonrpc: '2.0',
    id: 0,
    method: 'session/request_permission',
    params: { sessionId: 's1', n: 1 },
  };
  first.say(ask);
  first.end(lost);
  clock.advance(1000);
  const second = await made.connection(1);
  await vi.waitFor(() => expect(made.notes).toHaveLength(2));
  second.say({ ...ask, params: { sessionId: 's1', n: 2 } });
  const shown = editor.got.at(-1)?.['id'];
  expect(shown).not.toBe(0);
  const sent = second.frames.length;
  editor.say({ jsonrpc: '2.0', id: 0, result: { outcome: { outcome: 'selected', optionId: 'allow' } } });
  expect(second.frames).toHaveLength(sent);
  editor.say({ jsonrpc: '2.0', id: shown, result: { outcome: { outcome: 'cancelled' } } });
  expect(second.got.at(-1)).toEqual({ jsonrpc: '2.0', id: 0, result: { outcome: { outcome: 'cancelled' } } });
  second.say({ jsonrpc: '2.0', id: 5, method: 'session/request_permission', params: {} });
  second.say({ jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: 5 } });
  expect(editor.got.at(-1)).toMatchObject({ params: { requestId: editor.got.at(-2)?.['id'] } });
});

test('a session that cannot come back as it was is not used in another state', async () => {
  const made = bench();
  const { editor, remote, clock, notes } = made;
  remote.agent = agent('resume');
  const first = await withSession(made);
  editor.say({
    jsonrpc: '2.0',
    id: 2,
    method: 'session/set_mode',
    params: { sessionId: 's1', modeId: 'ask' },
  });
  remote.agent = agent('resume', ({ id, method }, on) => {
    if (method === 'session/set_mode') on.say({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no' } });
    return method === 'session/set_mode';
  });
  first.end(lost);
  clock.advance(1000);
  const second = await made.connection(1);
  await vi.waitFor(() => expect(notes).toContain('session s1 could not be opened again'));
  editor.say(prompt(7));
  await vi.waitFor(() =>
    expect(editor.got.at(-1)).toMatchObject({ id: 7, error: { data: { reason: 'connection_lost' } } }),
  );
  expect(second.got.map(({ method }) => method)).not.toContain('session/prompt');
  // The editor itself may open it, and then it knows its state.
  editor.say({ jsonrpc: '2.0', id: 8, method: 'session/resume', params: { sessionId: 's1', cwd: '/here' } });
  editor.say(prompt(9));
  expect(second.got.at(-1)).toMatchObject({ id: 9 });
});

test('it gives up when there was no connection for as long as was said, and tells every request', async () => {
  const made = bench({ reconnectMs: 5000 });
  const { editor, remote, clock } = made;
  remote.agent = agent('load');
  const first = await withSession(made);
  remote.failures.push(
    ...Array.from({ length: 50 }, () => new Failure('unavailable', 'box cannot be reached')),
  );
  first.end(lost);
  editor.say(prompt('held'));
  const ended = vi.fn();
  void made.result.then(ended);
  await vi.waitFor(() => {
    clock.advance(500);
    expect(ended).toHaveBeenCalledWith('unavailable');
  });
  expect(editor.got.at(-1)).toMatchObject({ id: 'held', error: { message: 'box cannot be reached' } });
});

test.each([
  ['a token that is not taken any more', 'not_permitted' as const],
  ['an agent that speaks another revision', 'conflict' as const],
])('%s ends the attempts at once', async (_, code) => {
  const made = bench();
  const { remote, clock } = made;
  remote.agent = agent('load');
  const first = await withSession(made);
  if (code === 'not_permitted') remote.failures.push(new Failure(code, 'no'));
  else
    remote.agent = ({ id }, on) =>
      on.say({ jsonrpc: '2.0', id, result: { protocolVersion: 2, agentCapabilities: {} } });
  first.end(lost);
  clock.advance(1000);
  expect(await made.result).toBe(code);
});

test('what is refused for good, of revision 2, or lost before it was agreed, is not tried again', async () => {
  const refused = bench();
  refused.remote.agent = agent('load');
  (await withSession(refused)).end({ kind: 'refused', failure: new Failure('unavailable', '1009') });
  expect(await refused.result).toBe('unavailable');

  const second = bench();
  second.remote.agent = agent('load');
  const connection = await second.connection();
  second.editor.say({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: 2 } });
  await vi.waitFor(() => expect(second.editor.got).toHaveLength(1));
  connection.end(lost);
  expect(await second.result).toBe('unavailable');

  const early = bench();
  (await early.connection()).end(lost);
  expect(await early.result).toBe('unavailable');
});

test('every request gets exactly one answer, whenever connections break', async () => {
  const RUNS = 60;
  let steps = 0;
  const Step = fc.oneof(
    { weight: 4, arbitrary: fc.constant('prompt' as const) },
    { weight: 3, arbitrary: fc.constant('answer' as const) },
    { weight: 2, arbitrary: fc.constant('break' as const) },
    { weight: 2, arbitrary: fc.constant('wait' as const) },
    { weight: 1, arbitrary: fc.constant('unreachable' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { minLength: 5, maxLength: 40 }), async (plan) => {
      const made = bench({ reconnectMs: 3_600_000 });
      const { editor, remote, clock } = made;
      const open: { id: unknown; on: FakeConnection }[] = [];
      remote.agent = agent('resume', ({ id, method }, on) => {
        if (method !== 'session/prompt') return false;
        open.push({ id, on });
        return true;
      });
      await withSession(made);
      let asked = 0;
      for (const step of plan) {
        steps += 1;
        const current = remote.connections.at(-1);
        if (step === 'prompt') editor.say(prompt(`p${(asked += 1)}`));
        else if (step === 'answer') {
          const { id, on } = open.pop() ?? {};
          if (on && on === current) on.say({ jsonrpc: '2.0', id, result: { stopReason: 'end_turn' } });
        } else if (step === 'break') current?.end(lost);
        else if (step === 'unreachable') remote.failures.push(new Failure('unavailable', 'away'));
        else await settle(clock);
      }
      await settle(clock);
      editor.say(prompt('last'));
      remote.connections.at(-1)?.end({ kind: 'done', failure: new Failure('unavailable', 'ended') });
      await made.result;
      const answers = editor.got.filter(({ id }) => typeof id === 'string').map(({ id }) => String(id));
      expect([...answers].sort()).toEqual([...new Set(answers)].sort());
      expect(new Set(answers)).toEqual(
        new Set([...Array.from({ length: asked }, (_, at) => `p${at + 1}`), 'last']),
      );
    }),
    { numRuns: RUNS },
  );
  process.stdout.write(
    `acp connect: ${RUNS} sequences, ${steps} steps with lost connections, 0 requests lost or answered twice\n`,
  );

  async function settle(clock: ReturnType<typeof handClock>): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});
