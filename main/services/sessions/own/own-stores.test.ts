import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { SessionId, TaskId } from '../../../../contract/ids.ts';
import type { OwnStore } from '../../../../contract/sessions.ts';
import { ownerCaller } from '../../../kernel/caller.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { sessionsBench as bench, workspaceAt } from '../../../testing/sessions-bench.ts';
import {
  CLAUDE_ID,
  CODEX_ID,
  GEMINI_ID,
  OPENCODE_ID,
  layOutClaude,
  layOutCodex,
  layOutGemini,
  layOutOpencode,
  put,
  storeEnv,
} from '../../../testing/recorded-sessions.ts';

const owner = ownerCaller('cli');
const ALL: OwnStore[] = ['codex', 'claude', 'gemini', 'opencode'];
const idOf = (store: OwnStore, id: string) => SessionId.parse(`own-${store}-${id}`);
const DAY = 24 * 3_600_000;

let folder: string;
let work: string;

beforeEach(() => {
  folder = temporaryFolder();
  work = workspaceAt(join(folder, 'work')).path;
});

function start(on: OwnStore[] = ALL) {
  const made = bench({ folder, on, env: storeEnv(folder) });
  const list = async (filter = {}) =>
    (await made.call['sessions.list']({ limit: 100, ...filter }, owner)).sessions;
  const entries = async (id: SessionId) =>
    (await made.call['sessions.timeline']({ sessionId: id, limit: 1000 }, owner)).entries;
  return { ...made, list, entries };
}

test('nothing of any store is read or known of before it is switched on', async () => {
  layOutCodex(folder, work);
  const { list, call } = start([]);
  expect(await list()).toEqual([]);
  await expect(call['sessions.get']({ sessionId: idOf('codex', CODEX_ID) }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
  expect((await call['sessions.discover']({}, owner)).stores.map(({ state }) => state)).toEqual(
    Array(4).fill('off'),
  );
  await call['sessions.readOwn']({ stores: ['codex'] }, owner);
  expect(await list()).toMatchObject([{ id: idOf('codex', CODEX_ID), origin: 'agent' }]);
});

test('sessions that four agents recorded are listed with what is known of them', async () => {
  layOutCodex(folder, work);
  layOutClaude(folder, work);
  layOutGemini(folder, work);
  layOutOpencode(folder, work);
  const { list, call } = start();
  const found = await list({ origin: 'agent' });
  expect(Object.fromEntries(found.map((one) => [one.agent, one]))).toMatchObject({
    codex: {
      ...{ agentSessionId: CODEX_ID, workspaceId: 'w1', folder: '.', taskId: null, state: 'ended' },
      title: "please run: apply_patch <<'EOF'",
      createdAt: '2026-11-21T04:28:02.849Z',
      usage: { totalTokens: 30, contextSize: 258400 },
    },
    claude: { agentSessionId: CLAUDE_ID, title: 'claude hello run: echo hi > c.txt' },
    gemini: { agentSessionId: GEMINI_ID, title: 'hello there run: echo hi > a.txt' },
    opencode: {
      ...{ agentSessionId: OPENCODE_ID, title: 'open hello' },
      usage: { inputTokens: 30, outputTokens: 15, cost: { amount: 0.25, currency: 'USD' } },
    },
  });
  expect(await list({ agent: 'claude' })).toHaveLength(1);
  expect(await list({ origin: 'task' })).toEqual([]);
  const { stores, notices } = await call['sessions.discover']({}, owner);
  expect(stores.map(({ state, sessions }) => [state, sessions])).toEqual(Array(4).fill(['read', 1]));
  expect(stores.find(({ store }) => store === 'opencode')?.leftOut).toBe(1);
  expect(notices).toEqual([]);
});

test('what they hold reads as a timeline: what was said, done and changed, without what the program says to itself', async () => {
  layOutCodex(folder, work);
  layOutClaude(folder, work);
  layOutGemini(folder, work);
  layOutOpencode(folder, work);
  const { entries } = start();
  expect(await entries(idOf('codex', CODEX_ID))).toMatchObject([
    { seq: 0, kind: 'user', text: expect.stringMatching(/^please run: apply_patch/) as string },
    { seq: 1, kind: 'tool', toolKind: 'execute', state: 'in_progress' },
    { seq: 2, kind: 'file', path: 'b.txt', diff: '+hello' },
    { seq: 3, kind: 'file', path: 'old.txt', diff: expect.stringContaining('@@') as string },
    { seq: 4, kind: 'tool', state: 'completed', output: expect.stringContaining('Success') as string },
    { seq: 5, kind: 'message', text: expect.stringMatching(/^Done: /) as string },
  ]);
  expect(await entries(idOf('claude', CLAUDE_ID))).toMatchObject([
    { kind: 'user', text: 'claude hello run: echo hi > c.txt', at: '2026-11-21T10:22:38.527Z' },
    { kind: 'tool', title: 'echo hi > c.txt', toolKind: 'execute', state: 'in_progress' },
    { kind: 'tool', title: 'echo hi > c.txt', state: 'completed', output: '(Bash completed with no output)' },
    { kind: 'message' },
    { kind: 'user', text: 'second c' },
    { kind: 'message' },
  ]);
  expect(await entries(idOf('gemini', GEMINI_ID))).toMatchObject([
    { kind: 'user', text: 'hello there run: echo hi > a.txt' },
    { kind: 'tool', title: 'echo hi > a.txt', toolKind: 'execute', state: 'completed' },
    { kind: 'message' },
    { kind: 'user', text: 'second one' },
    { kind: 'message' },
  ]);
  expect(await entries(idOf('opencode', OPENCODE_ID))).toMatchObject([
    { kind: 'user', text: 'open hello', at: '2026-11-21T10:22:09.968Z' },
    { kind: 'thought', text: 'let me see\n\n' },
    { kind: 'tool', title: 'echo hi > b.txt', state: 'completed', output: '(no output)' },
    { kind: 'message', text: 'Done.\n\n' },
  ]);
});

test('pages go forwards and backwards, through a file that grows and one that is cut', async () => {
  const file = layOutCodex(folder, work);
  const say = (n: number) =>
    appendFileSync(
      file,
      `${JSON.stringify({
        timestamp: '2026-11-21T05:00:00.000Z',
        type: 'response_item',
        payload: {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: `answer ${n}` }],
        },
      })}\n`,
    );
  for (let n = 0; n < 1000; n += 1) say(n);
  const { call, advance } = start();
  const sessionId = idOf('codex', CODEX_ID);
  const page = (place: { afterSeq?: number; beforeSeq?: number; newest?: true; epoch?: string }) =>
    call['sessions.timeline']({ sessionId, limit: 300, ...place }, owner);
  const last = await page({ newest: true });
  expect([last.entries[0]?.seq, last.entries.at(-1)?.seq, last.more]).toEqual([706, 1005, true]);
  const before = await page({ beforeSeq: 706 });
  expect([before.entries[0]?.seq, before.entries.at(-1)?.seq, before.more]).toEqual([406, 705, true]);
  const first = await page({ beforeSeq: 106 });
  expect([first.entries[0]?.seq, first.entries.length, first.more]).toEqual([0, 106, false]);
  const forwards = await page({ afterSeq: 800 });
  expect([forwards.entries[0]?.seq, forwards.entries.length, forwards.more]).toEqual([801, 205, false]);

  say(1000);
  advance(5000);
  const grown = await page({ afterSeq: 1005, epoch: last.epoch });
  expect(grown).toMatchObject({ reset: false, entries: [{ seq: 1006, text: 'answer 1000\n\n' }] });
  truncateSync(file, 30_000);
  advance(5000);
  const cut = await page({ afterSeq: 1005, epoch: last.epoch });
  expect(cut.reset).toBe(true);
  expect(cut.entries[0]?.seq).toBe(0);
});

test('what an agent wrote down leaves through the gate like everything else', async () => {
  const file = layOutCodex(folder, work);
  const text = readFileSync(file, 'utf8').replaceAll('please run', 'hunter2 run');
  put(file, text);
  const { list, entries } = start();
  expect(JSON.stringify([await list(), await entries(idOf('codex', CODEX_ID))])).not.toContain('hunter2');
});

test('only what was done inside a workspace is shown, whatever links and steps upwards say', async () => {
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  mkdirSync(join(work, 'below'));
  symlinkSync(outside, join(work, 'link-out'));
  symlinkSync(work, join(outside, 'link-in'));
  const cwds: Record<string, string> = {
    'a0000000-out': outside,
    'a0000000-link-out': join(work, 'link-out'),
    'a0000000-up': `${work}/below/../../outside`,
    'a0000000-prefix': `${work}-more`,
    'a0000000-gone': join(work, 'gone'),
    'a0000000-root': '/',
    'a0000000-relative': 'work',
    'a0000000-nul': `${work}\0/below`,
    'a0000000-below': join(work, 'below'),
    'a0000000-link-in': join(outside, 'link-in', 'below'),
  };
  mkdirSync(`${work}-more`);
  for (const [id, cwd] of Object.entries(cwds)) layOutCodex(folder, JSON.stringify(cwd).slice(1, -1), id);
  const { list, call, sessions } = start();
  expect((await list()).map((one) => [one.agentSessionId, one.folder]).sort()).toEqual([
    ['a0000000-below', 'below'],
    ['a0000000-link-in', 'below'],
  ]);
  await expect(
    call['sessions.timeline']({ sessionId: idOf('codex', 'a0000000-out'), limit: 1 }, owner),
  ).rejects.toMatchObject({ code: 'not_found' });

  // The folder is looked at again when the session is gone on with.
  const id = idOf('codex', 'a0000000-below');
  expect((await sessions.sessionFor(id)).cwd).toBe(join(work, 'below'));
  rmSync(join(work, 'below'), { recursive: true });
  symlinkSync(outside, join(work, 'below'));
  await expect(sessions.sessionFor(id)).rejects.toMatchObject({ code: 'refused' });
});

test('sessions that are parts of others are left out', async () => {
  const helper = layOutCodex(folder, work, 'b0000000-guardian');
  put(
    helper,
    readFileSync(helper, 'utf8').replace('"source":"unknown"', '"source":{"subagent":{"other":"guardian"}}'),
  );
  const thread = layOutCodex(folder, work, 'b0000000-thread');
  put(
    thread,
    readFileSync(thread, 'utf8').replace('"source":"unknown"', '"source":"exec","thread_source":"subagent"'),
  );
  const side = layOutClaude(folder, work);
  put(side, readFileSync(side, 'utf8').replaceAll('"isSidechain":false', '"isSidechain":true'));
  const sub = layOutGemini(folder, work);
  put(sub, readFileSync(sub, 'utf8').replaceAll('"kind":"main"', '"kind":"subagent"'));
  const { list, call } = start();
  expect(await list()).toEqual([]);
  const { stores } = await call['sessions.discover']({}, owner);
  expect(stores.map(({ leftOut }) => leftOut)).toEqual([2, 1, 1, 0]);
});

test('a session that this host began itself is listed once', async () => {
  layOutCodex(folder, work);
  const { sessions, list, known } = start();
  const { id } = await sessions.open({
    ...{ agent: 'codex', agentSessionId: CODEX_ID, title: 't', taskId: TaskId.parse('t1') },
    workspaceId: known[0]?.id ?? ('' as never),
  });
  expect((await list()).map((one) => one.id)).toEqual([id]);
});

test('going on with an agent’s own session makes it one of this host, with all that it held', async () => {
  layOutCodex(folder, work);
  const { sessions, list, lines, entries } = start();
  const id = idOf('codex', CODEX_ID);
  const { session, cwd } = await sessions.sessionFor(id);
  expect([session.origin, session.startedBy, cwd]).toEqual(['agent', null, work]);
  const opened = await sessions.reopen(id, { taskId: TaskId.parse('t1') });
  expect(opened).toMatchObject({
    id,
    origin: 'agent',
    taskId: 't1',
    state: 'open',
    agentSessionId: CODEX_ID,
  });
  sessions.append(id, { kind: 'user', text: 'go on' });
  sessions.end(id);
  expect(lines(id).map(({ kind }) => kind)).toEqual([
    'user',
    'tool',
    'file',
    'file',
    'tool',
    'message',
    'user',
  ]);
  expect(lines(id)[0]?.at).toBe('2026-11-21T04:28:02.878Z');
  expect(await entries(id)).toHaveLength(7);
  expect((await list()).map((one) => [one.id, one.state])).toEqual([[id, 'ended']]);
  // A second time nothing is copied.
  await sessions.reopen(id, { taskId: TaskId.parse('t2') });
  expect(lines(id)).toHaveLength(7);
});

test('deleting one moves its file aside, restoring puts it back where it was, never over another', async () => {
  const file = layOutCodex(folder, work);
  const content = readFileSync(file, 'utf8');
  const { call, list, timelines, advance, sessions } = start();
  const sessionId = idOf('codex', CODEX_ID);
  const remove = async () => call['sessions.delete']({ sessionId }, owner);
  const restore = async () => call['sessions.restore']({ sessionId }, owner);
  await remove();
  expect(existsSync(file)).toBe(false);
  expect(await list()).toEqual([]);
  expect(await list({ state: 'deleted' })).toMatchObject([{ id: sessionId, origin: 'agent' }]);
  await restore();
  expect(readFileSync(file, 'utf8')).toBe(content);
  expect(await list()).toMatchObject([{ id: sessionId, state: 'ended' }]);

  await remove();
  put(file, 'somebody else');
  await expect(restore()).rejects.toMatchObject({ code: 'conflict' });
  expect(readFileSync(file, 'utf8')).toBe('somebody else');
  rmSync(file);
  await restore();
  expect(readFileSync(file, 'utf8')).toBe(content);

  await remove();
  advance(31 * DAY);
  sessions.start();
  expect(existsSync(join(timelines, 'deleted', 'own', sessionId))).toBe(false);
  await expect(restore()).rejects.toMatchObject({ code: 'not_found' });
});

test('a restored file goes nowhere but into its store', async () => {
  layOutCodex(folder, work);
  const { call, timelines } = start();
  const sessionId = idOf('codex', CODEX_ID);
  await call['sessions.delete']({ sessionId }, owner);
  const manifest = join(timelines, 'deleted', 'own', sessionId, 'manifest.json');
  const good = readFileSync(manifest, 'utf8');
  for (const relative of ['../../../evil.jsonl', '/etc/evil.jsonl', '2026//x', 'a/./b']) {
    put(manifest, JSON.stringify({ store: 'codex', relative }));
    await expect(async () => call['sessions.restore']({ sessionId }, owner)).rejects.toThrow();
  }
  put(manifest, good);
  const year = join(folder, 'codex', 'sessions', '2026');
  renameSync(year, `${year}.away`);
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), year);
  await expect(async () => call['sessions.restore']({ sessionId }, owner)).rejects.toMatchObject({
    code: 'unavailable',
  });
});

test('a session in a database is not deleted behind its agent', async () => {
  layOutOpencode(folder, work);
  const { call, list } = start();
  const sessionId = idOf('opencode', OPENCODE_ID);
  await expect(call['sessions.delete']({ sessionId }, owner)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await list()).toMatchObject([{ id: sessionId, state: 'ended' }]);
});

test('a database of another version is reported as unsupported, one that is none as unreadable', async () => {
  const file = layOutOpencode(folder, work);
  put(file, 'this is no database, but long enough to be looked at as one: '.repeat(40));
  rmSync(`${file}-wal`, { force: true });
  rmSync(`${file}-shm`, { force: true });
  const { call } = start();
  expect(await call['sessions.discover']({}, owner)).toMatchObject({
    stores: [{}, {}, {}, { store: 'opencode', state: 'failed' }],
    notices: [{ store: 'opencode', code: 'unreadable' }],
  });
  const { DatabaseSync } = await import('@photostructure/sqlite');
  rmSync(file);
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE conversations (id text)');
  db.close();
  expect((await call['sessions.discover']({}, owner)).stores[3]).toMatchObject({ state: 'unsupported' });
});
