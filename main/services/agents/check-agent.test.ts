import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProcessTable } from '../../kernel/process-table.ts';
import { bench, owner, program, scriptedAgent } from '../../testing/agents-bench.ts';

const full = {
  protocolVersion: 1,
  agentInfo: { name: 'my-agent', version: '3.2.1' },
  agentCapabilities: {
    loadSession: true,
    promptCapabilities: { image: true },
    mcpCapabilities: { http: true },
    sessionCapabilities: { list: {}, resume: null, fork: {} },
  },
  authMethods: [{ id: 'login', name: 'Log in', description: null }, 7, { name: 'without an id' }],
};

async function check(script: string, session = false) {
  const place = bench();
  await place.add('mine', [program(place.bin, 'my-agent', script)]);
  const answer = await Promise.resolve(
    place.agents.handlers['agents.check']({ name: 'mine', session }, owner),
  ).then(
    (value) => ({ value, error: null }),
    (error: unknown) => ({ value: null, error }),
  );
  const pid = place.started[0]?.pid ?? 0;
  // Whatever it answered: nothing of its group is left, nor the folder that it was started in.
  expect(createProcessTable().group(pid)).toEqual([]);
  expect(readdirSync(join(place.root, 'run'))).toEqual([]);
  return { ...answer, ...place };
}

test('an agent says what it can do, and is gone afterwards', async () => {
  const { value, named } = await check(scriptedAgent(full));
  expect(value).toMatchObject({
    name: 'mine',
    protocolVersion: 1,
    agent: { name: 'my-agent', version: '3.2.1' },
    sessions: { load: true, list: true, resume: false, fork: true, delete: false, close: false },
    prompt: { image: true, audio: false, embeddedContext: false },
    mcp: { http: true, sse: false },
    authMethods: [{ id: 'login', name: 'Log in', description: '' }],
    session: 'not-tried',
  });
  expect(await named('mine')).toMatchObject({ version: '3.2.1' });
});

test('an agent that says little, or another version, is shown as it is', async () => {
  const { value } = await check(scriptedAgent({ protocolVersion: 2, agentCapabilities: 'none' }));
  expect(value).toMatchObject({ protocolVersion: 2, agent: null, mcp: { http: false }, authMethods: [] });
});

test('a session shows whether the agent asks for a login first', async () => {
  const opened = await check(scriptedAgent(full, { result: { sessionId: 's1' } }), true);
  expect(opened.value).toMatchObject({ session: 'opened', problem: '' });
  const error = { code: -32_000, message: 'Authentication required' };
  const refused = await check(scriptedAgent(full, { error }), true);
  expect(refused.value).toMatchObject({ session: 'login-required', problem: 'Authentication required' });
  const failed = await check(scriptedAgent(full, { error: { code: -32_603, message: 'no model' } }), true);
  expect(failed.value).toMatchObject({ session: 'failed', problem: 'no model' });
});

test('a key that is kept is used where the agent wants a login first', async () => {
  const place = bench();
  const script = `#!${process.execPath}
let known = false;
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const methods = [{ id: 'chat', name: 'Chat' }, { id: 'my-api-key', name: 'Key' }];
  let reply = { result: { protocolVersion: 1, authMethods: methods } };
  if (method === 'authenticate') known = params.methodId === 'my-api-key' && process.env.MY_API_KEY === 'k-123456789';
  if (method === 'authenticate') reply = { result: {} };
  if (method === 'session/new')
    reply = known ? { result: { sessionId: 's' } } : { error: { code: -32000, message: 'log in' } };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...reply }) + '\\n');
});
`;
  await place.add('mine', [program(place.bin, 'my-agent', script)]);
  const { handlers } = place.agents;
  const before = await handlers['agents.check']({ name: 'mine', session: true }, owner);
  expect(before).toMatchObject({ session: 'login-required' });
  await handlers['agents.login']({ name: 'mine', variable: 'MY_API_KEY', key: 'k-123456789' }, owner);
  const after = await handlers['agents.check']({ name: 'mine', session: true }, owner);
  expect(after).toMatchObject({ session: 'opened', problem: '' });
});

test('an agent that ends at once is named with its last words', async () => {
  const { error } = await check('echo "config.toml: bad key" >&2; exit 3');
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(String(error)).toContain('config.toml: bad key');
});

test.each([
  [
    'an error',
    `#!${process.execPath}
process.stdin.once('data', () => process.stdout.write('{"jsonrpc":"2.0","id":0,"error":{"code":-32603,"message":"broken"}}\\n'));
process.stdin.resume();
`,
  ],
  ['something else than the protocol says', scriptedAgent('hello')],
])('an agent that answers %s is not called an agent that works', async (_what, script) => {
  const { error } = await check(script);
  expect(error).toMatchObject({ code: 'unavailable' });
});

test('what an agent started outlives neither the answer nor a refusal to end', async () => {
  const script = `#!${process.execPath}
require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' });
process.on('SIGTERM', () => {});
${scriptedAgent(full).split('\n').slice(1).join('\n')}`;
  const { value } = await check(script);
  expect(value).toMatchObject({ protocolVersion: 1 });
});
