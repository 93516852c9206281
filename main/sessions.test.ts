import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionId } from '../contract/ids.ts';
import { openConfig } from './kernel/config.ts';
import { value } from './testing/journey.ts';
import { workspaceAt } from './testing/sessions-bench.ts';
import { temporaryFolder } from './testing/temporary.ts';
import { startTestHost, type TestHost } from './testing/test-host.ts';

// Sessions on a whole host: real agents on their own processes, real files, a restart in between.

test('a store that is not known is refused where the settings are read', () => {
  const file = join(temporaryFolder(), 'config.yaml');
  writeFileSync(file, 'sessions:\n  readOwn: [codex, cursor]\n');
  expect(() => openConfig(file)).toThrow(/config\.yaml:2: sessions\.readOwn/);
});

/** A small agent on its own process: it repeats what it is told, and waits when it is told to. */
const AGENT = `
import { createInterface } from 'node:readline';
const modes = { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask' }, { id: 'code', name: 'Code' }] };
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let waiting = null;
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const answer = (result) => send({ id, result });
  const say = (text) => send({ method: 'session/update', params: { sessionId: params.sessionId,
    update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } } } });
  if (method === 'initialize') answer({ protocolVersion: 1, agentCapabilities: { loadSession: true } });
  else if (method === 'session/new') answer({ sessionId: 'theirs', modes });
  else if (method === 'session/load') { say('what was said before'); answer({ modes }); }
  else if (method === 'session/set_mode') { modes.currentModeId = params.modeId; answer({}); }
  else if (method === 'session/prompt') {
    say('in mode ' + modes.currentModeId + ': ' + params.prompt[0].text);
    if (params.prompt[0].text.includes('wait')) waiting = answer;
    else answer({ stopReason: 'end_turn' });
  } else if (method === 'session/cancel') waiting?.({ stopReason: 'cancelled' });
});
`;

/** A host with this agent and one workspace. */
async function withAgent() {
  const folder = temporaryFolder();
  const work = workspaceAt(join(folder, 'work')).path;
  const script = join(folder, 'agent.mjs');
  writeFileSync(script, AGENT);
  const host = await startTestHost();
  value(await host.owner.call('workspaces.add', { path: work }));
  value(await host.owner.call('agents.add', { name: 'echo', argv: [process.execPath, script] }));
  let count = 0;
  const submit = async (at: TestHost, text: string, more: { session?: SessionId; mode?: 'ask' } = {}) => {
    const idempotencyKey = `key-number-${(count += 1)}`;
    return value(
      await at.owner.call('tasks.submit', { agent: 'echo', workspace: work, text, idempotencyKey, ...more }),
    );
  };
  return { host, submit };
}

const ended = (at: TestHost, id: string) =>
  at.until(({ tasks }) => {
    const task = tasks[id];
    return task && ['done', 'failed', 'cancelled'].includes(task.state) ? task : null;
  });

test('a conversation is gone on with after a restart, in the same timeline, without what its agent repeats', async () => {
  const { host, submit } = await withAgent();
  const first = await ended(host, (await submit(host, 'hello', { mode: 'ask' })).id);
  const sessionId = 'sessionId' in first ? first.sessionId : null;
  if (sessionId === null) throw new Error(`the task has no session: ${JSON.stringify(first)}`);
  const before = value(await host.owner.call('sessions.timeline', { sessionId }));
  expect(before.session).toMatchObject({
    ...{
      state: 'ended',
      origin: 'task',
      agent: 'echo',
      startedBy: 'owner:desktop',
      agentSessionId: 'theirs',
    },
    modes: { current: 'ask', available: [{ id: 'ask' }, { id: 'code' }] },
  });
  const again = await host.restart();
  const after = value(await again.owner.call('sessions.timeline', { sessionId, epoch: before.epoch }));
  expect(after).toMatchObject({ reset: false, entries: before.entries });

  const second = await ended(
    again,
    (await submit(again, 'and again', { session: sessionId, mode: 'ask' })).id,
  );
  expect(second).toMatchObject({ state: 'done', sessionId });
  const grown = value(await again.owner.call('sessions.timeline', { sessionId, epoch: before.epoch }));
  expect(grown.entries.slice(0, before.entries.length)).toEqual(before.entries);
  expect(grown.entries.map(({ seq }) => seq)).toEqual(grown.entries.map((_, n) => n));
  expect(JSON.stringify(grown.entries)).toContain('in mode ask: and again');
  expect(JSON.stringify(grown.entries)).not.toContain('what was said before');
  expect(grown.session).toMatchObject({ state: 'ended', taskId: second.id });
});

test('the mode of an open session is set while its agent works, and its turn is ended', async () => {
  const { host, submit } = await withAgent();
  const task = await submit(host, 'wait for me', { mode: 'ask' });
  const open = await host.until(({ sessions }) =>
    Object.values(sessions).find(({ state, modes }) => state === 'open' && modes !== null),
  );
  const sessionId = open.id;
  const set = (modeId: string) => host.owner.call('sessions.setMode', { sessionId, modeId });
  expect(value(await set('code'))).toMatchObject({ modes: { current: 'code' } });
  expect(await set('yolo')).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  value(await host.owner.call('sessions.cancel', { sessionId }));
  const over = await ended(host, task.id);
  expect(over.state).not.toBe('failed');
  expect(await set('ask')).toMatchObject({ ok: false, error: { code: 'conflict' } });
});
