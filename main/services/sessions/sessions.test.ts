import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionId, TaskId } from '../../../contract/ids.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { sessionsBench as bench } from '../../testing/sessions-bench.ts';
import { cutPoint } from './message-buffer.ts';

const owner = ownerCaller('cli');

test('chunks of a message are joined until the turn goes on, and every entry is one private line', async () => {
  const { sessions, open, lines, fileOf, grown } = bench();
  const { id } = await open();
  for (const text of ['Hel', 'lo ', 'world']) sessions.append(id, { kind: 'message', text });
  sessions.append(id, { kind: 'thought', text: 'hm' });
  sessions.append(id, { kind: 'plan', entries: [{ text: 'step', state: 'pending' }] });
  expect(lines(id)).toMatchObject([
    { seq: 0, kind: 'message', text: 'Hello world' },
    { seq: 1, kind: 'thought', text: 'hm' },
    { seq: 2, kind: 'plan' },
  ]);
  expect(statSync(fileOf(id)).mode & 0o777).toBe(0o600);
  expect(grown).toHaveLength(3);
});

test('a message that pauses is written after 100 ms, cut after a blank so that no secret is split', async () => {
  const { sessions, open, lines, advance } = bench();
  const { id } = await open();
  sessions.append(id, { kind: 'message', text: 'the password is hun' });
  advance(100);
  expect(lines(id)).toMatchObject([{ text: 'the password is ' }]);
  sessions.append(id, { kind: 'message', text: 'ter2 and more' });
  sessions.flush(id);
  expect(lines(id).map((entry) => ('text' in entry ? entry.text : ''))).toEqual([
    'the password is ',
    '[redacted] and more',
  ]);
});

test('cutting anywhere loses nothing and never opens a private key', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', ' ', '\n', '-----BEGIN K-----', '-----END K-----'), { maxLength: 40 }),
      (parts) => {
        const text = parts.join('');
        const cut = cutPoint(text);
        expect(cut).toBeGreaterThanOrEqual(0);
        expect(cut).toBeLessThanOrEqual(text.length);
        const written = text.slice(0, cut);
        const begun = written.lastIndexOf('-----BEGIN');
        if (begun >= 0) expect(written.indexOf('-----END K-----', begun)).toBeGreaterThan(begun);
      },
    ),
  );
});

test('secrets are redacted before they are written, in titles and the words of settings too', async () => {
  const { sessions, open, fileOf, events, db } = bench();
  const { id } = await open('use hunter2');
  sessions.append(id, { kind: 'user', text: 'hunter2' });
  sessions.append(id, { kind: 'file', path: 'a', diff: '+hunter2' });
  sessions.append(id, { kind: 'permission', approvalId: 'x', title: 'echo hunter2', outcome: 'asked' });
  sessions.report(id, {
    title: 'hunter2 again',
    modes: { currentModeId: 'a', availableModes: [{ id: 'a', name: 'hunter2', description: 'hunter2' }] },
    configOptions: [
      {
        ...{ id: 'o', name: 'hunter2', type: 'select', currentValue: 'v' },
        options: [{ value: 'v', name: 'hunter2' }],
      },
    ],
  });
  expect(readFileSync(fileOf(id), 'utf8')).not.toContain('hunter2');
  expect(JSON.stringify(events)).not.toContain('hunter2');
  expect(JSON.stringify(db.all('SELECT body FROM sessions'))).not.toContain('hunter2');
});

test('a timeline is read in pages, forwards and backwards', async () => {
  const { sessions, open, call } = bench();
  const { id } = await open();
  for (let n = 0; n < 5; n += 1) sessions.append(id, { kind: 'state', state: 's', detail: String(n) });
  const page = async (place: { afterSeq?: number; beforeSeq?: number; newest?: true }) => {
    const { entries, more } = await call['sessions.timeline']({ sessionId: id, limit: 2, ...place }, owner);
    return [entries.map(({ seq }) => seq), more];
  };
  expect(await page({})).toEqual([[0, 1], true]);
  expect(await page({ afterSeq: 1 })).toEqual([[2, 3], true]);
  expect(await page({ afterSeq: 3 })).toEqual([[4], false]);
  expect(await page({ newest: true })).toEqual([[3, 4], true]);
  expect(await page({ beforeSeq: 3 })).toEqual([[1, 2], true]);
  expect(await page({ beforeSeq: 1 })).toEqual([[0], false]);
  expect(await page({ beforeSeq: 0 })).toEqual([[], false]);
});

test('a number of another epoch is not used: the reader is told to begin again', async () => {
  const { sessions, open, call } = bench();
  const { id, epoch } = await open();
  for (let n = 0; n < 5; n += 1) sessions.append(id, { kind: 'state', state: 's', detail: String(n) });
  const ask = { sessionId: id, afterSeq: 3, limit: 10 };
  expect(await call['sessions.timeline']({ ...ask, epoch }, owner)).toMatchObject({
    reset: false,
    entries: [{ seq: 4 }],
  });
  const other = await call['sessions.timeline']({ ...ask, epoch: 'another' }, owner);
  expect(other).toMatchObject({ reset: true, epoch });
  expect(other.entries).toHaveLength(5);
});

test('a session is gone on with behind what it holds, by one task at a time', async () => {
  const { sessions, open, lines } = bench();
  const { id, epoch } = await open('t', { startedBy: 'owner:cli' });
  sessions.append(id, { kind: 'user', text: 'first' });
  const by = (taskId: string) => ({ taskId: TaskId.parse(taskId) });
  await expect(sessions.reopen(id, by('t2'))).rejects.toMatchObject({ code: 'conflict' });
  sessions.end(id);
  const [one, two] = await Promise.allSettled([sessions.reopen(id, by('t2')), sessions.reopen(id, by('t3'))]);
  expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
  sessions.append(id, { kind: 'user', text: 'second' });
  expect(lines(id)).toMatchObject([
    { seq: 0, text: 'first' },
    { seq: 1, text: 'second' },
  ]);
  const { session } = await sessions.sessionFor(id);
  expect(session).toMatchObject({ state: 'open', epoch, startedBy: 'owner:cli', origin: 'task' });
});

test('a session whose folder is in no workspace any more is not gone on with', async () => {
  const { sessions, open, folder, known } = bench();
  const { id } = await open();
  sessions.end(id);
  expect((await sessions.sessionFor(id)).cwd).toBe(join(folder, 'work'));
  known.length = 0;
  await expect(sessions.sessionFor(id)).rejects.toMatchObject({ code: 'refused' });
  await expect(sessions.sessionFor(SessionId.parse('unknown'))).rejects.toMatchObject({ code: 'not_found' });
});

test('a full timeline says so in its last entry, and once', async () => {
  const { sessions, open, lines } = bench({ maxTimelineBytes: 2000 });
  const { id } = await open();
  for (let n = 0; n < 50; n += 1) sessions.append(id, { kind: 'user', text: 'x'.repeat(100) });
  sessions.end(id);
  await sessions.reopen(id, { taskId: TaskId.parse('t2') });
  sessions.append(id, { kind: 'user', text: 'more' });
  const entries = lines(id);
  expect(entries.length).toBeLessThan(20);
  expect(entries.filter((entry) => entry.kind === 'state' && entry.state === 'truncated')).toHaveLength(1);
  expect(entries.at(-1)).toMatchObject({ kind: 'state', state: 'truncated' });
});

test('the list is paged, filtered, and its cursor cannot be made up', async () => {
  const { sessions, open, call, advance } = bench();
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) {
    const { id } = await open(`session ${n}`, { agent: n % 2 === 0 ? 'demo' : 'other' });
    sessions.end(id);
    ids.unshift(id);
    if (n % 3 === 0) advance(1000);
  }
  const found: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await call['sessions.list']({ limit: 3, cursor }, owner);
    found.push(...page.sessions.map(({ id }) => id));
    if (page.next === null) break;
    cursor = page.next;
  }
  expect(new Set(found).size).toBe(7);
  expect([...found].sort()).toEqual([...ids].sort());
  const others = await call['sessions.list']({ limit: 10, agent: 'other' }, owner);
  expect(others.sessions.map(({ title }) => title)).toEqual(['session 5', 'session 3', 'session 1']);
  expect((await call['sessions.list']({ limit: 10, origin: 'agent' }, owner)).sessions).toEqual([]);
  expect((await call['sessions.list']({ limit: 10, workspace: 'w1' }, owner)).sessions).toHaveLength(7);
  await expect(call['sessions.list']({ limit: 10, workspace: 'nowhere' }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
  for (const cursor of ['x', "2027~' OR 1=1", '~~', '2027-01-15T08:00:00.000Z~../x'])
    await expect(call['sessions.list']({ limit: 3, cursor }, owner)).rejects.toMatchObject({
      code: 'invalid_input',
    });
});
