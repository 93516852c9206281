import { expect, vi } from 'vitest';
import { handClock } from '../fake-ports.ts';
import { Failure } from '../../cli/failure.ts';
import { fakeEditor, fakeRemote, type FakeConnection } from './fakes.ts';
import type { LinkEnd } from '../../cli/acp-connect/link.ts';
import { mirror, type MirrorDeps } from '../../cli/acp-connect/mirror.ts';

export type Json = Record<string, unknown>;
export const REPLAY = ['resume', 'load'] as const;
export const initialize: Json = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: 1,
    clientCapabilities: {
      fs: { readTextFile: true, writeTextFile: true },
      terminal: true,
      elicitation: { form: {} },
      _meta: { x: 1 },
    },
    clientInfo: { name: 'editor', version: '1' },
  },
};
export const lost: LinkEnd = {
  kind: 'lost',
  failure: new Failure('unavailable', 'the connection to box ended (1006)'),
};

export function bench(options: Partial<Omit<MirrorDeps, 'dial' | 'editor' | 'clock'>> = {}) {
  const clock = handClock();
  const editor = fakeEditor();
  const remote = fakeRemote();
  const notes: string[] = [];
  const result = mirror({
    dial: remote.dial,
    editor: editor.side,
    clock,
    chance: () => 1,
    note: (text) => notes.push(text),
    rewriting: { host: 'remote', cwd: null },
    latency: false,
    reconnectMs: 60_000,
    name: 'box',
    stopped: new Promise(() => {}),
    ...options,
  }).then(
    () => 'done',
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
  return { clock, editor, remote, notes, result, connection: (at = 0) => connected(at) };

  async function connected(at: number): Promise<FakeConnection> {
    return vi.waitFor(() => {
      const found = remote.connections[at];
      if (!found) throw new Error(`there is no connection ${at} yet`);
      return found;
    });
  }
}

/** An agent that remembers its sessions; `extra` answers what it does not. */
export function agent(
  way: 'resume' | 'load' | 'none',
  extra: (request: Json, on: FakeConnection) => boolean = () => false,
) {
  return (request: Json, on: FakeConnection): void => {
    const { id, method, params } = request as { id: unknown; method: string; params: Json };
    const reply = (result: Json) => on.say({ jsonrpc: '2.0', id, result });
    if (extra(request, on)) return;
    if (method === 'initialize') {
      const agentCapabilities = {
        loadSession: way === 'load',
        sessionCapabilities: { ...(way === 'resume' && { resume: {} }) },
      };
      reply({ protocolVersion: params['protocolVersion'], agentCapabilities });
    } else if (method === 'session/new') reply({ sessionId: 's1' });
    else if (method === 'session/load') {
      on.say(update('agent_message_chunk'));
      on.say(update('available_commands_update'));
      reply({});
    } else if (method !== 'session/prompt') reply({});
  };
}

export function update(sessionUpdate: string, sessionId = 's1'): Json {
  return { jsonrpc: '2.0', method: 'session/update', params: { sessionId, update: { sessionUpdate } } };
}

export const prompt = (id: number | string): Json => ({
  jsonrpc: '2.0',
  id,
  method: 'session/prompt',
  params: { sessionId: 's1', prompt: [] },
});

export async function withSession(made: ReturnType<typeof bench>): Promise<FakeConnection> {
  const connection = await made.connection();
  made.editor.say(initialize);
  made.editor.say({
    jsonrpc: '2.0',
    id: 1,
    method: 'session/new',
    params: { cwd: '/here', mcpServers: [{ name: 'm' }] },
  });
  await vi.waitFor(() => expect(made.editor.got.at(-1)).toMatchObject({ id: 1 }));
  return connection;
}
