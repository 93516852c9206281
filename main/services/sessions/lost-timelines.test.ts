import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyEvent, emptyHostState } from '../../../contract/apply-event.ts';
import { TaskId } from '../../../contract/ids.ts';
import type { Session } from '../../../contract/sessions.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { sessionsBench as bench } from '../../testing/sessions-bench.ts';

const owner = ownerCaller('cli');
const DAY = 24 * 3_600_000;

test('after a crash open sessions are ended, a torn line is set aside, and the epoch is another one', async () => {
  const before = bench();
  const { id, epoch } = await before.open();
  before.sessions.append(id, { kind: 'user', text: 'whole' });
  appendFileSync(before.fileOf(id), '{"seq":1,"kind":"us');
  const after = bench({ db: before.db, folder: before.folder });
  after.sessions.start();
  expect(after.lines(id)).toHaveLength(1);
  expect(readFileSync(join(after.timelines, 'corrupt', `${id}.tail`), 'utf8')).toBe('{"seq":1,"kind":"us');
  const session = await after.call['sessions.get']({ sessionId: id }, owner);
  expect(session.state).toBe('ended');
  expect(session.epoch).not.toBe(epoch);
  expect(after.events).toMatchObject([{ type: 'session.changed', session: { id, state: 'ended' } }]);
  after.sessions.append(id, { kind: 'user', text: 'late' });
  expect(after.lines(id)).toHaveLength(1);
  const { notices } = await after.call['sessions.list']({ limit: 10 }, owner);
  expect(notices).toMatchObject([{ code: 'set_aside', store: 'host', count: 1 }]);
});

test('whole lines that a power cut took are noticed by the epoch too', async () => {
  const before = bench();
  const { id, epoch } = await before.open();
  before.sessions.append(id, { kind: 'user', text: 'one' });
  writeFileSync(before.fileOf(id), '');
  const after = bench({ db: before.db, folder: before.folder });
  after.sessions.start();
  expect((await after.call['sessions.get']({ sessionId: id }, owner)).epoch).not.toBe(epoch);
});

test('a deleted conversation can be restored for 30 days, then it is gone for good', async () => {
  const { sessions, open, call, fileOf, timelines, finders, advance, clock, events } = bench();
  const { id } = await open();
  sessions.append(id, { kind: 'user', text: 'x' });
  const remove = async () => call['sessions.delete']({ sessionId: id }, owner);
  const all = async (state?: Session['state']) =>
    (await call['sessions.list']({ limit: 10, state }, owner)).sessions;
  await expect(remove()).rejects.toMatchObject({ code: 'conflict' });
  sessions.end(id);
  expect(finders[0]?.({ kind: 'timeline', sessionId: id })).toBe(fileOf(id));
  expect(await remove()).toMatchObject({ state: 'deleted', deletedAt: new Date(clock.now()).toISOString() });
  expect(events.at(-1)).toEqual({ type: 'session.removed', sessionId: id });
  expect(Object.keys(events.reduce(applyEvent, emptyHostState).sessions)).toEqual([]);
  expect(finders[0]?.({ kind: 'timeline', sessionId: id })).toBeNull();
  await expect(call['sessions.timeline']({ sessionId: id, limit: 1 }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await all()).toEqual([]);
  expect(await all('deleted')).toMatchObject([{ id }]);

  advance(29 * DAY);
  sessions.start();
  expect(await call['sessions.restore']({ sessionId: id }, owner)).toMatchObject({
    state: 'ended',
    deletedAt: null,
  });
  expect(Object.keys(events.reduce(applyEvent, emptyHostState).sessions)).toEqual([id]);
  expect((await call['sessions.timeline']({ sessionId: id, limit: 9 }, owner)).entries).toHaveLength(1);
  await expect(async () => call['sessions.restore']({ sessionId: id }, owner)).rejects.toMatchObject({
    code: 'conflict',
  });

  await remove();
  advance(31 * DAY);
  sessions.start();
  expect(await all('deleted')).toEqual([]);
  expect(existsSync(join(timelines, 'deleted', `${id}.jsonl`))).toBe(false);
  await expect(async () => call['sessions.restore']({ sessionId: id }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a timeline in the folder of deleted ones that the list knows nothing of goes after 30 days as well', () => {
  const { sessions, timelines } = bench();
  const stray = join(timelines, 'deleted', 'stray.jsonl');
  mkdirSync(join(timelines, 'deleted'));
  writeFileSync(stray, 'x');
  utimesSync(stray, 0, 0);
  sessions.start();
  expect(existsSync(stray)).toBe(false);
});

test('a row that is no session is moved aside and reported, and never breaks the list', async () => {
  const { open, call, db, timelines } = bench();
  const { id } = await open();
  db.run(
    "INSERT INTO sessions (id, state, created_at, body) VALUES ('../../evil', 'ended', '2027', '{\"torn\":')",
  );
  db.run(
    "INSERT INTO sessions (id, state, created_at, body) VALUES ('half', 'ended', '2026', '{\"id\":\"half\"}')",
  );
  const { sessions, notices } = await call['sessions.list']({ limit: 1 }, owner);
  expect(sessions.map((one) => one.id)).toEqual([id]);
  const rest = await call['sessions.list']({ limit: 100 }, owner);
  expect(rest.sessions).toHaveLength(1);
  expect([...notices, ...rest.notices].some(({ code }) => code === 'set_aside')).toBe(true);
  expect(readFileSync(join(timelines, 'corrupt', 'half.row.json'), 'utf8')).toContain('half');
  expect(db.all('SELECT id FROM sessions')).toHaveLength(1);
});

test('a link in place of a timeline is set aside, neither followed nor written through', async () => {
  const { sessions, open, call, fileOf, folder } = bench();
  const { id } = await open();
  sessions.end(id);
  const outside = join(folder, 'outside');
  writeFileSync(outside, 'theirs');
  rmSync(fileOf(id));
  symlinkSync(outside, fileOf(id));
  await expect(call['sessions.timeline']({ sessionId: id, limit: 1 }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
  symlinkSync(outside, fileOf(id));
  await sessions.reopen(id, { taskId: TaskId.parse('t2') });
  sessions.append(id, { kind: 'user', text: 'mine' });
  expect(readFileSync(outside, 'utf8')).toBe('theirs');
  expect((await call['sessions.timeline']({ sessionId: id, limit: 9 }, owner)).entries).toHaveLength(1);
});

test('a timeline that cannot be written to is logged, and the session goes on without it', async () => {
  const { sessions, open, call, timelines, warnings } = bench();
  rmSync(timelines, { recursive: true });
  const { id } = await open();
  sessions.append(id, { kind: 'user', text: 'lost' });
  sessions.end(id);
  expect(warnings).toContain('a timeline could not be written');
  expect(await call['sessions.get']({ sessionId: id }, owner)).toMatchObject({ state: 'ended' });
  expect((await call['sessions.timeline']({ sessionId: id, limit: 5 }, owner)).entries).toEqual([]);
});
