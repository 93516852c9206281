import { expect, test, vi } from 'vitest';
import { Failure } from '../failure.ts';
import { bench, initialize, prompt, update, type Json } from '../../testing/acp-connect/bench.ts';

test('frames pass both ways as the bytes they are', async () => {
  const { editor, connection } = bench();
  const remote = await connection();
  const odd = [
    '{"id" : 1e0,"method":"x/y", "params":{"n":1.0,"n":2}}',
    '{"method":"_ext", "big":12345678901234567890}',
    'no json',
    '[]',
  ];
  await vi.waitFor(() => expect(editor.isPaused()).toBe(false));
  for (const frame of odd) editor.say(frame);
  for (const frame of odd) remote.say(frame);
  expect(remote.frames).toEqual(odd);
  expect(editor.frames).toEqual(odd);
  // Revision 2 has its own words for capabilities and no files of the editor: nothing of it is touched.
  const second =
    '{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":2,"info":{},"capabilities":{"x":1}}}';
  editor.say(second);
  expect(remote.frames.at(-1)).toBe(second);
});

test('the files and terminals of the editor are neither offered nor reached, unless it is said so', async () => {
  const own = bench();
  const remote = await own.connection();
  own.editor.say(initialize);
  await vi.waitFor(() => expect(remote.got).toHaveLength(1));
  expect(remote.got[0]).toEqual({
    ...initialize,
    params: {
      ...(initialize['params'] as Json),
      clientCapabilities: {
        fs: { readTextFile: false, writeTextFile: false },
        terminal: false,
        elicitation: { form: {} },
        _meta: { x: 1 },
      },
    },
  });
  const forbidden = ['fs/read_text_file', 'fs/write_text_file', 'terminal/create', 'terminal/output'];
  for (const [id, method] of forbidden.entries()) remote.say({ jsonrpc: '2.0', id, method, params: {} });
  remote.say('{"jsonrpc":"2.0","\\u0069d":9,"method":"fs\\/write_text_file","params":{}}');
  remote.say('[{"jsonrpc":"2.0","id":10,"method":"fs/write_text_file","params":{}}]');
  expect(own.editor.got).toEqual([]);
  expect(remote.got.slice(1).map(({ id, error }) => [id, (error as Json)['code']])).toEqual(
    [0, 1, 2, 3, 9].map((id) => [id, -32601]),
  );
  remote.say({ jsonrpc: '2.0', id: 11, method: 'session/request_permission', params: {} });
  expect(own.editor.got).toHaveLength(1);

  const through = bench({ rewriting: { host: 'passthrough', cwd: null } });
  const other = await through.connection();
  through.editor.say(initialize);
  await vi.waitFor(() => expect(other.got).toEqual([initialize]));
  for (const [id, method] of forbidden.entries()) other.say({ jsonrpc: '2.0', id, method, params: {} });
  expect(through.editor.got.map(({ method }) => method)).toEqual(forbidden);
  through.editor.say({ jsonrpc: '2.0', id: 0, result: { content: 'x' } });
  expect(other.got.at(-1)).toEqual({ jsonrpc: '2.0', id: 0, result: { content: 'x' } });
});

test('the folder there takes the place of the folder here wherever a session begins', async () => {
  const { editor, connection } = bench({ rewriting: { host: 'remote', cwd: '/srv/project' } });
  const remote = await connection();
  const methods = [
    'session/new',
    'session/load',
    'session/resume',
    'session/fork',
    'session/list',
    'session/prompt',
  ];
  for (const [id, method] of methods.entries())
    editor.say({ jsonrpc: '2.0', id, method, params: { cwd: '/here', sessionId: 's', other: 1 } });
  editor.say({ jsonrpc: '2.0', id: 9, method: 'session/list', params: {} });
  await vi.waitFor(() => expect(remote.got).toHaveLength(7));
  const folders = remote.got.map(({ params }) => (params as Json)['cwd']);
  expect(folders).toEqual([...Array<string>(5).fill('/srv/project'), '/here', undefined]);
  expect(remote.got[0]).toMatchObject({ params: { sessionId: 's', other: 1 } });
});

test('whoever is slow slows the other down', async () => {
  const { editor, connection } = bench();
  const remote = await connection();
  await vi.waitFor(() => expect(editor.isPaused()).toBe(false));
  editor.takes = false;
  remote.say(update('agent_message_chunk'));
  expect(remote.isPaused).toBe(true);
  editor.drain();
  expect(remote.isPaused).toBe(false);
  remote.takes = false;
  editor.say(prompt(1));
  expect(editor.isPaused()).toBe(true);
  remote.drain();
  expect(editor.isPaused()).toBe(false);
});

test('an agent that ends in order ends the mirror in order, after its last words', async () => {
  const { editor, connection, result } = bench();
  const remote = await connection();
  await vi.waitFor(() => expect(editor.isPaused()).toBe(false));
  editor.say(prompt(1));
  remote.say('{"last":"words"}');
  remote.end({ kind: 'done', failure: new Failure('unavailable', 'ended') });
  expect(await result).toBe('done');
  expect(editor.got).toMatchObject([{ last: 'words' }, { id: 1, error: { message: 'ended' } }]);
});

test('an agent that does not answer its first message is given up', async () => {
  const { editor, connection, result, clock } = bench();
  const remote = await connection();
  editor.say(initialize);
  await vi.waitFor(() => expect(remote.got).toHaveLength(1));
  clock.advance(60_000);
  expect(await result).toBe('timed_out');
});

test('what the way took is told in the answers, and nothing else of them changes', async () => {
  const { editor, connection, clock } = bench({ latency: true });
  const remote = await connection();
  await vi.waitFor(() => expect(editor.isPaused()).toBe(false));
  editor.say(prompt(1));
  clock.advance(5);
  remote.say(update('agent_message_chunk'));
  remote.say(update('agent_message_chunk', 'another'));
  clock.advance(7);
  remote.say(update('tool_call'));
  remote.say({
    jsonrpc: '2.0',
    id: 1,
    result: { stopReason: 'end_turn', _meta: { x: 1, signalbox: { y: 2 } } },
  });
  expect(editor.got.at(-1)).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {
      stopReason: 'end_turn',
      _meta: {
        x: 1,
        signalbox: {
          y: 2,
          transportLatency: { elapsedMs: 12, firstUpdateMs: 5, updateCount: 2, roundTripMs: 3 },
        },
      },
    },
  });
  editor.say({ jsonrpc: '2.0', id: 2, method: 'session/close', params: { sessionId: 's1' } });
  remote.say('{"jsonrpc":"2.0","id":2,"result":null}');
  expect(editor.frames.at(-1)).toBe('{"jsonrpc":"2.0","id":2,"result":null}');
  // In passthrough or not, requests of the agent still come through.
  remote.say({ jsonrpc: '2.0', id: 3, method: 'elicitation/create', params: {} });
  expect(editor.got.at(-1)).toMatchObject({ method: 'elicitation/create' });
});
